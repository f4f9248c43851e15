"""The work of the benches with the official Python SDK; prints seconds and the peak of memory in bytes."""

import resource
import sys
import time

import globus_sdk

work, url = sys.argv[1:]
client = globus_sdk.TransferClient(authorizer=globus_sdk.AccessTokenAuthorizer("t"), base_url=url)
source = "9b0d9a3e-11aa-4d0a-8f6f-2f0e5d6c7b02"
destination = "5f1a0c52-8d0e-4c0b-9a61-0d2f6f4f1b01"


def version():
    pass


def small_gets():
    for _ in range(1000):
        client.get_submission_id()


def listing():
    assert len(client.operation_ls(source, path="/~/data/")["DATA"]) == 100_000


def task_pages():
    # The Python SDK stops at 1,000 tasks by itself; the pages are asked for by hand here.
    seen = 0
    while True:
        page = client.task_list(limit=100, offset=seen)
        seen += sum(1 for _ in page)
        if seen >= page["total"]:
            break
    assert seen == 100_000


def submission():
    data = globus_sdk.TransferData(source, destination)
    for n in range(1_000_000):
        run = n % 1000
        data.add_item(
            f"/~/data/run_{run:03}/sample_{n:07}.fastq.gz", f"/archive/2026/run_{run:03}/sample_{n:07}.fastq.gz"
        )
    client.submit_transfer(data)


if work != "version":
    client.get_submission_id()
start = time.perf_counter()
globals()[work]()
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
