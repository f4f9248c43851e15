"""Lets our program read the sample answers of `globus_sdk.testing`, for each method that we have. Arguments: our
program."""

import importlib
import json
import pkgutil
import subprocess
import sys

import globus_sdk
import requests
from globus_sdk.testing import get_response_set
from globus_sdk.testing.models import ResponseList

from check import end, failed, note, passed
from constants import A

ERRORS = {
    "auth": globus_sdk.AuthAPIError,
    "flow": globus_sdk.FlowsAPIError,
    "flows": globus_sdk.FlowsAPIError,
    "transfer": globus_sdk.TransferAPIError,
    "transfer_v2": globus_sdk.TransferAPIError,
}


def answering_cases(names):
    """For each method one case that sends one request: the one that asks for most, as it brings its own submission id."""
    cases = {}
    for name in names:
        method = ".".join(name.split(".")[:2])
        cases.setdefault(method, name)
        if name.endswith(".everything"):
            cases[method] = name
    return cases


# What the official SDK calls the samples of a service, where it is not as we do.
ROOMS = {"flow": "flows", "transfer_v2": "transfer.v2"}


def room_of(method):
    service, _, name = method.partition(".")
    return f"{ROOMS.get(service, service)}.{name}"


def rooms():
    """Names all samples that the official SDK has of the services that we have."""
    found = set()
    for service in ERRORS:
        package = importlib.import_module(f"globus_sdk.testing.data.{ROOMS.get(service, service)}")
        for module in pkgutil.iter_modules(package.__path__):
            if not module.ispkg and not module.name.startswith("_"):
                found.add(f"{ROOMS.get(service, service)}.{module.name}")
    return found


def samples(method):
    """Gives name and answer of each sample of a method."""
    sets = get_response_set(room_of(method))
    for label in sets.cases():
        found = sets.lookup(label)
        for number, answer in enumerate(found.responses if isinstance(found, ResponseList) else [found]):
            yield f"{method} {label} {number}", answer


# Samples that no call of ours asks for, and why.
UNREAD = {}

# What the samples themselves get wrong, and what is meant: the made-up flows have an offset twice.
MISTAKES = {"+00:00+00:00": "+00:00"}
# Samples that were put together from the arguments of the call, and lack the id that the service gives everything.
WITHOUT_ID = {
    "auth.create_client": "client",
    "auth.create_child_client": "client",
    "auth.update_policy": "policy",
}
# Samples that have the whole answer in a member of its own; the command line reads what the service says without it.
WRAPPED_TWICE = {"auth.create_native_app_instance": "client"}


def body_of(method, answer):
    """Gives the body and its type, with the mistakes mended, and which of them were there."""
    if answer.json is None:
        return answer.body or "", answer.content_type or "text/plain", set()
    document, mended = answer.json, set()
    wrapper = WRAPPED_TWICE.get(method)
    if wrapper in document and wrapper in document[wrapper]:
        document = document[wrapper]
        mended.add(method)
    member = WITHOUT_ID.get(method)
    if member in document and "id" not in document[member]:
        document = {**document, member: {**document[member], "id": A}}
        mended.add(method)
    text = json.dumps(document)
    for wrong, right in MISTAKES.items():
        if wrong in text:
            text = text.replace(wrong, right)
            mended.add(wrong)
    return text, answer.content_type or "application/json", mended


def official_code(service, answer, body, content_type):
    response = requests.Response()
    response.status_code = answer.status
    response._content = body.encode()
    response.headers["Content-Type"] = content_type
    response.request = requests.Request(answer.method, answer.full_url).prepare()
    return ERRORS[service](response).code


def main(program):
    names = subprocess.run([program, "cases"], check=True, capture_output=True, text=True).stdout.split()
    asked, without, needed = [], [], set()
    for method, case in answering_cases(names).items():
        service = method.split(".")[0]
        try:
            found = list(samples(method))
        except ValueError:
            without.append(method)
            continue
        for name, answer in found:
            # Some sets bring the answer to the question before along.
            if answer.path.endswith("submission_id") != method.endswith("submission_id"):
                continue
            body, content_type, mended = body_of(method, answer)
            needed |= mended
            code = official_code(service, answer, body, content_type) if answer.status >= 400 else None
            asked.append(
                {
                    "name": name,
                    "case": case,
                    "status": answer.status,
                    "content_type": content_type,
                    "body": body,
                    "code": code,
                }
            )
    lines = "".join(json.dumps(sample) + "\n" for sample in asked)
    said = subprocess.run([program, "samples"], input=lines, check=True, capture_output=True, text=True).stdout
    verdicts = dict(line.split("\t", 1) for line in said.splitlines())
    for sample in asked:
        verdict = verdicts.get(sample["name"], "no verdict")
        if verdict:
            failed(sample["name"], verdict)
        else:
            passed(sample["name"])
    errors = sum(sample["status"] >= 400 for sample in asked)
    note(f"{len(asked)} samples read, {errors} of them errors")
    for mistake in [*MISTAKES, *WITHOUT_ID, *WRAPPED_TWICE]:
        if mistake in needed:
            note(f"mended in the samples: {mistake}")
        else:
            failed("the samples are mended where they need it", f"{mistake} is right now")
    note(f"{len(without)} methods have no sample")
    read = {room_of(".".join(sample["case"].split(".")[:2])) for sample in asked}
    unread = rooms() - read
    for room in sorted(unread - set(UNREAD)):
        failed("every sample is read", f"{room} is not: a case is missing, or a reason why there is none")
    for room, reason in UNREAD.items():
        if room in unread:
            note(f"not read, {room}: {reason}")
        else:
            failed("samples are left out for a reason", f"{room} is there no longer, or is read")
    if not read:
        failed("every sample is read", "there are none: has the package changed?")
    passed(f"the samples of {len(read)} methods were looked for")
    end()


main(sys.argv[1])
