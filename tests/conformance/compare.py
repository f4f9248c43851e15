"""Compares our requests with the official SDK's, call by call. Arguments: our program."""

import json
import subprocess
import sys
from urllib.parse import parse_qsl, quote

from check import end, failed, note, passed
from recorder import Recorder
from table import CASES, Clients

# Headers that are not compared, and why.
HEADERS = {
    "host": "the recorder's own",
    "user-agent": "each SDK names itself",
    "x-globus-client-info": "each SDK names itself",
    "accept-encoding": "we ask for gzip, which every service has, and not for deflate",
    "connection": "keeping a connection is the default of HTTP/1.1, which we do not spell out",
    "content-length": "JSON is written without blanks and without escapes by us; that there is a body, and none, is compared",
    "transfer-encoding": "submissions are written while they are sent, so their length is not known before",
}
# Differences that stay, by case, and why. Each has to be there: one that goes away must go from this table too.
KNOWN = {
    "auth.get_jwk": (
        "headers: official {'accept': 'application/json', 'authorization': 'Bearer AgExampleToken'}, "
        "ours {'accept': 'application/json'}",
        "keys are public, and their address comes from an answer: no credential goes there",
    ),
    "auth.get_jwk.confidential": (
        "headers: official {'accept': 'application/json', 'authorization': 'Basic "
        "NmM1NGNhZGUtYmRlNS00NWMxLWJkZWEtZjRiZDcxZGJhMmNjOmMyVmpjbVYwTFc5bUxYUm9aUzFoY0hBPQ=='}, "
        "ours {'accept': 'application/json'}",
        "as for auth.get_jwk",
    ),
    "auth.oauth2_token": (
        "body: official [('a', 'b c'), ('grant_type', 'future')], ours [('a', 'b c'), "
        "('client_id', '6c54cade-bde5-45c1-bdea-f4bd71dba2cc'), ('grant_type', 'future')]",
        "a native application says who it is in every form, because Auth refuses one that does not",
    ),
}
OTHERWISE = [
    "the order of query parameters, of form fields and of members of a document means nothing to the services",
    "blanks and escapes in JSON mean nothing",
    "we write the offset of UTC as Z, the official SDK as +00:00",
]


def pairs(text):
    read = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    return sorted((name, value.replace("+00:00", "Z")) for name, value in read)


def meaning(request, base):
    """What a request says, without what may differ: `base` is where the services are for this side."""
    request = dict(request, query=request["query"].replace(quote(base, safe=""), "BASE"))
    headers = {name: value for name, value in request["headers"].items() if name not in HEADERS}
    body = request["body"]
    kind = headers.get("content-type")
    if body is None:
        said = "no body"
    elif body == b"":
        said = "an empty body"
    elif kind == "application/json":
        said = json.loads(body)
    elif kind == "application/x-www-form-urlencoded":
        said = pairs(body.decode().replace(quote(base, safe=""), "BASE"))
    else:
        said = body.decode()
    return {
        "method": request["method"],
        "path": request["path"],
        "query": pairs(request["query"]),
        "headers": headers,
        "body": said,
    }


def differences(theirs, ours, url, name):
    if len(theirs) != len(ours):
        shown = [[f"{request['method']} {request['path']}" for request in side] for side in (theirs, ours)]
        return [f"{len(theirs)} requests of the official SDK {shown[0]}, {len(ours)} of ours {shown[1]}"]
    found = []
    for their, our in zip(theirs, ours):
        their, our = meaning(their, f"{url}/theirs/{name}/"), meaning(our, f"{url}/ours/{name}/")
        found += [
            f"{part}: official {their[part]!r}, ours {our[part]!r}" for part in their if their[part] != our[part]
        ]
    return found


def main(program):
    recorder = Recorder()
    names = subprocess.run([program, "cases"], check=True, capture_output=True, text=True).stdout.split()
    for name in sorted(set(names) ^ set(CASES)):
        failed(name, "is in one of the two tables only")
    said = subprocess.run([program, "requests", f"{recorder.url}/ours"], check=True, capture_output=True, text=True)
    errors = dict(line.split("\t", 1) for line in said.stdout.splitlines())
    for name in names:
        if name not in CASES:
            continue
        try:
            CASES[name](Clients(f"{recorder.url}/theirs/{name}/"))
        except Exception as error:
            # The answers are made up. What matters is that it was asked.
            errors[name] = f"{errors.get(name, '')} official: {error!r}"
        theirs, ours = recorder.of("theirs", name), recorder.of("ours", name)
        found = differences(theirs, ours, recorder.url, name)
        if not theirs:
            failed(name, f"the official SDK sent nothing: {errors.get(name)}")
        elif name in KNOWN and found == [KNOWN[name][0]]:
            passed(name)
            note(f"by design, {name}: {KNOWN[name][1]}")
        elif name in KNOWN:
            failed(name, f"the known difference is another one now: {found}")
        elif found:
            failed(name, "; ".join(found))
        else:
            passed(name)
    for header, reason in HEADERS.items():
        note(f"not compared, {header}: {reason}")
    for reason in OTHERWISE:
        note(f"not compared: {reason}")
    end()


main(sys.argv[1])
