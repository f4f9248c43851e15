"""Which methods the official clients of Transfer have, and which of them the scripts have driven.

`watch` lets every call that succeeds be written down in the file that `CONFORMANCE_DRIVEN` names; `coverage.py` reads
it."""

import functools
import inspect
import os

import globus_sdk
import globus_sdk.experimental

CLIENTS = {"transfer": globus_sdk.TransferClient, "transfer_v2": globus_sdk.experimental.TransferClientV2}


def methods(service):
    """Names what the client of a service has of its own, not what all clients have."""
    own = vars(CLIENTS[service]).items()
    return {name for name, member in own if inspect.isfunction(member) and not name.startswith("_")}


def watch():
    for service, client in CLIENTS.items():
        for name in methods(service):
            setattr(client, name, watched(f"{service}.{name}", getattr(client, name)))


def watched(name, method):
    # What the official SDK notes about a method, such as how it pages, stays with it.
    @functools.wraps(method)
    def call(*arguments, **options):
        result = method(*arguments, **options)
        with open(os.environ["CONFORMANCE_DRIVEN"], "a", encoding="utf-8") as file:
            file.write(f"{name}\n")
        return result

    return call


def driven():
    with open(os.environ["CONFORMANCE_DRIVEN"], encoding="utf-8") as file:
        return set(file.read().split())
