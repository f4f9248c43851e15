"""What the scripts share: one line for each check, and `end` when all of them were made.

    ok<tab>NAME
    FAIL<tab>NAME<tab>REASON
    note<tab>TEXT
"""

import json
import os
import traceback


def say(*words):
    print("\t".join(" ".join(str(word).split()) for word in words), flush=True)


def passed(name):
    say("ok", name)


def failed(name, reason):
    say("FAIL", name, reason)


def note(text):
    say("note", text)


def equal(name, got, wanted):
    """Passes when both are the same."""
    if got == wanted:
        passed(name)
    else:
        failed(name, f"got {got!r}, wanted {wanted!r}")


class check:
    """`with check("name"):` passes when nothing is raised, and fails the one check, not the script."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            passed(self.name)
            return False
        if not isinstance(error, Exception):
            return False
        line = traceback.extract_tb(trace)[-1]
        failed(self.name, f"{kind.__name__}: {error} ({os.path.basename(line.filename)}:{line.lineno})")
        return True


def raises(kind, call, **members):
    """Makes a call that must fail, and checks members of its error."""
    try:
        call()
    except kind as error:
        for name, wanted in members.items():
            got = getattr(error, name)
            assert got == wanted, f"{name} is {got!r}, not {wanted!r}"
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def emulator():
    """Where the emulator is, and what it holds."""
    with open(os.environ["CONFORMANCE_EMULATOR"], encoding="utf-8") as file:
        return json.load(file)


def end():
    print("end", flush=True)
