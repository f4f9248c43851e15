"""Every method of the official clients of Transfer is driven against the emulator, and compared with ours. Runs after
the other scripts. Arguments: our program."""

import subprocess
import sys

from check import end, failed, note, passed
from driven import CLIENTS, driven, methods

# Methods that have no request of their own to compare, and why.
WITHOUT_REQUEST = {
    "transfer.add_app_data_access_scope": "changes what the next login asks for",
    "transfer.task_wait": "is a loop of get_task",
}


def judge(name, missing, wanted):
    if missing:
        failed(name, f"{len(missing)} of {len(wanted)} are not: {', '.join(sorted(missing))}")
    else:
        passed(f"{name} ({len(wanted)})")


def main(program):
    cases = subprocess.run([program, "cases"], check=True, capture_output=True, text=True).stdout.split()
    compared = {".".join(case.split(".")[:2]) for case in cases}
    seen = driven()
    for service, client in CLIENTS.items():
        wanted = {f"{service}.{method}" for method in methods(service)}
        judge(f"every method of {client.__name__} is driven", wanted - seen, wanted)
        asking = wanted - set(WITHOUT_REQUEST)
        judge(f"every request of {client.__name__} is compared", asking - compared, asking)
        for method in sorted(wanted & set(WITHOUT_REQUEST)):
            note(f"not compared, {method}: {WITHOUT_REQUEST[method]}")
    end()


main(sys.argv[1])
