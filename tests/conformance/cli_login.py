"""Logins of the official `globus` command, as a person. `CONFORMANCE_EMULATOR` names the ready file of an emulator;
`globus` stands beside this python."""

import json
import os
import re
import shlex
import subprocess
import sys
import time

from browser import control, shown_code
from check import check, emulator, end

HERE = emulator()
LAB, VAULT = (HERE["collections"][name]["id"] for name in ("lab", "vault"))
ADA, HOME = "ada@uni.example.edu", "ada@home.example.org"
GLOBUS = os.path.join(os.path.dirname(sys.executable), "globus")
PERSON = {name: value for name, value in os.environ.items() if not name.startswith("GLOBUS_CLI_CLIENT_")}
control("seed", {"accounts": [{"username": ADA, "name": "Ada", "linked": [HOME]}]})


def run(*words):
    return subprocess.run([GLOBUS, *words], capture_output=True, text=True, timeout=60, env=PERSON)


def said(*words):
    """Runs a command that must succeed, and gives what it prints."""
    done = run(*words)
    assert done.returncode == 0, f"globus {' '.join(words)} ended with {done.returncode}: {done.stderr or done.stdout}"
    return done.stdout


def log_in(*words, who=ADA):
    """Runs a command that shows an address and asks for a code, and does what the person would."""
    command = subprocess.Popen(
        [GLOBUS, *words, "--no-local-server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=PERSON,
    )
    shown = ""
    url = None
    while url is None:
        line = command.stdout.readline()
        assert line, f"globus {' '.join(words)} showed no address: {shown}"
        shown += line
        url = re.search(r"^https?://\S+$", line.strip())
    code = shown_code(url.group(0), who=who)
    rest, _ = command.communicate(f"{code}\n", timeout=60)
    assert command.returncode == 0, f"globus {' '.join(words)} ended with {command.returncode}: {shown}{rest}"
    return rest


with check("nobody is logged in at first"):
    assert run("whoami").returncode != 0

with check("login --no-local-server"):
    log_in("login")
    assert said("whoami").strip() == ADA
    assert HOME in said("whoami", "--linked-identities")

with check("a second login is not needed"):
    assert "already logged in" in said("login")

with check("session show"):
    lines = said("session", "show").splitlines()
    assert any(ADA in line for line in lines) and not any(HOME in line for line in lines), lines

with check("session update with a linked identity, with all, with a domain"):
    log_in("session", "update", HOME, who=HOME)
    assert HOME in said("session", "show")
    log_in("session", "update", "--all")
    log_in("session", "update", "uni.example.edu")
    assert said("whoami").strip() == ADA

with check("session update with a policy"):
    policy = control("seed", {"policies": [{"display_name": "HA", "high_assurance": True, "required_mfa": True}]})
    log_in("session", "update", "--policy", policy["policies"][0])

with check("session consent"):
    refused = run("ls", f"{VAULT}:/")
    assert refused.returncode == 4 and "globus session consent" in refused.stdout, refused
    data_access = f"https://auth.globus.org/scopes/{VAULT}/data_access"
    log_in("session", "consent", f"urn:globus:auth:scope:transfer.api.globus.org:all[*{data_access}]")
    said("ls", f"{VAULT}:/")

with check("a demand ends with status 4 and says what helps"):
    control("requirements", {"path_prefix": "/transfer/", "session_required_identities": [HOME]})
    refused = run("ls", f"{LAB}:/")
    assert refused.returncode == 4, (refused.returncode, refused.stderr)
    assert "globus session update" in refused.stderr + refused.stdout, refused.stderr
    log_in("session", "update", HOME, who=HOME)
    said("ls", f"{LAB}:/")

with check("a run that waits for a consent is resumed"):

    def until(run_id, *statuses):
        for _ in range(60):
            shown = json.loads(said("flows", "run", "show", run_id, "--format", "json"))
            if shown["status"] in statuses:
                return shown
            time.sleep(0.2)
        raise AssertionError(shown)

    look = {
        "Type": "Action",
        "ActionUrl": "https://transfer.actions.globus.org/ls",
        "Parameters": {"endpoint_id": VAULT, "path": "/"},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Look", "States": {"Look": look}})
    flow = json.loads(said("flows", "create", "Look", definition, "--input-schema", "{}", "--format", "json"))["id"]
    log_in("login", "--flow", flow)
    waiting = json.loads(said("flows", "start", flow, "--format", "json"))["run_id"]
    assert until(waiting, "INACTIVE", "SUCCEEDED", "FAILED")["details"]["code"] == "ConsentRequired"
    refused = run("flows", "run", "resume", waiting)
    told = refused.stdout + refused.stderr
    line = re.search(r"^ *globus session consent (.+)$", told, re.MULTILINE)
    assert refused.returncode == 4 and line, (refused.returncode, told)
    log_in("session", "consent", *shlex.split(line.group(1)))
    said("flows", "run", "resume", waiting)
    assert until(waiting, "SUCCEEDED", "FAILED")["status"] == "SUCCEEDED"

with check("expired tokens are renewed"):
    assert control("tokens/expire", {})["expired"] > 0
    said("ls", f"{LAB}:/")

with check("logout"):
    said("logout", "--yes")
    assert run("whoami").returncode != 0

with check("logout --delete-client"):
    log_in("login")
    said("logout", "--yes", "--delete-client")
    log_in("login")
    assert said("whoami").strip() == ADA

end()
