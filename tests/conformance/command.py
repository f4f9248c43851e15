"""The official `globus` command, which stands beside this python."""

import json
import os
import subprocess
import sys

GLOBUS = os.path.join(os.path.dirname(sys.executable), "globus")


def run(*words):
    return subprocess.run([GLOBUS, *words], capture_output=True, text=True, timeout=60)


def said(*words):
    """Runs a command that must succeed, and gives what it prints."""
    done = run(*words)
    assert done.returncode == 0, f"globus {' '.join(words)} ended with {done.returncode}: {done.stderr or done.stdout}"
    return done.stdout


def document(*words):
    return json.loads(said(*words, "--format", "json"))


def refused(*words):
    done = run(*words)
    assert done.returncode != 0, f"globus {' '.join(words)} succeeded: {done.stdout}"
    return done.stderr
