"""Sharing with the official `globus` command. `CONFORMANCE_EMULATOR` names the ready file of an emulator."""

import os

from browser import control
from check import check, emulator, end
from command import document, refused, run, said

HERE = emulator()
LAB, ARCHIVE, VAULT = (HERE["collections"][name] for name in ("lab", "archive", "vault"))
ADA = "ada@uni.example.edu"
control("seed", {"accounts": [{"username": ADA, "name": "Ada"}]})
os.makedirs(os.path.join(LAB["path"], "shared", "public"))

with check("gcp create guest"):
    guest = document("gcp", "create", "guest", "results", f"{LAB['id']}:/shared/", "--description", "of the lab")["id"]
    assert said("ls", guest).split() == ["public/"]
    assert "already exists" in refused("gcp", "create", "guest", "results", f"{LAB['id']}:/shared/")

with check("endpoint show, endpoint my-shared-endpoint-list"):
    shown = document("endpoint", "show", guest)
    assert (shown["entity_type"], shown["host_endpoint_id"]) == ("GCP_guest_collection", LAB["id"]), shown
    assert "Description:" in said("endpoint", "show", guest)
    assert guest in said("endpoint", "my-shared-endpoint-list", LAB["id"])

with check("gcp update guest"):
    said("gcp", "update", "guest", guest, "--display-name", "new results", "--keywords", "a,b")
    assert document("endpoint", "show", guest)["display_name"] == "new results"

with check("endpoint search"):
    found = document("endpoint", "search", "--filter-scope", "shared-by-me")["DATA"]
    assert [one["id"] for one in found] == [guest], found
    assert ARCHIVE["id"] in said("endpoint", "search", "arch")
    assert VAULT["id"] in said("endpoint", "search", "vault", "--filter-entity-type", "GCSv5_mapped_collection")

with check("endpoint permission create, list, show, update, delete"):
    made = document("endpoint", "permission", "create", f"{guest}:/public/", "--permissions", "r", "--identity", ADA)
    rule = made["access_id"]
    assert "Exists" in refused(
        "endpoint", "permission", "create", f"{guest}:/public/", "--permissions", "r", "--identity", ADA
    )
    assert ADA in said("endpoint", "permission", "list", guest)
    said("endpoint", "permission", "update", guest, rule, "--permissions", "rw")
    assert document("endpoint", "permission", "show", guest, rule)["permissions"] == "rw"
    said("endpoint", "permission", "create", f"{guest}:/", "--permissions", "r", "--all-authenticated")
    said("endpoint", "permission", "create", f"{guest}:/", "--permissions", "r", "--anonymous")
    assert document("endpoint", "permission", "list", guest)["length"] == 4
    said("endpoint", "permission", "delete", guest, rule)
    assert "AccessRuleNotFound" in refused("endpoint", "permission", "show", guest, rule)

with check("endpoint role create, list, show, delete"):
    role = document("endpoint", "role", "create", guest, "--identity", ADA, "--role", "access_manager")["id"]
    assert ADA in said("endpoint", "role", "list", guest)
    assert document("endpoint", "role", "show", guest, role)["role"] == "access_manager"
    said("endpoint", "role", "delete", guest, role)
    assert "RoleNotFound" in refused("endpoint", "role", "show", guest, role)

with check("bookmark create, list, show, rename, delete"):
    mark = document("bookmark", "create", f"{guest}:/public/", "results")["id"]
    assert said("bookmark", "show", "results").strip() == f"{guest}:/public/"
    said("bookmark", "rename", "results", "good results")
    assert "good results" in said("bookmark", "list")
    assert document("bookmark", "show", mark)["name"] == "good results"
    said("bookmark", "delete", "good results")
    assert run("bookmark", "show", mark).returncode != 0

with check("gcp create mapped, gcp update mapped, gcp set-subscription-id"):
    made = document("gcp", "create", "mapped", "laptop")
    assert made["globus_connect_setup_key"]
    laptop = made["id"]
    said("gcp", "update", "mapped", laptop, "--description", "of the lab", "--private")
    subscription = document("endpoint", "show", LAB["id"])["subscription_id"]
    said("gcp", "set-subscription-id", laptop, subscription)
    shown = document("endpoint", "show", laptop)
    assert shown["description"] == "of the lab" and not shown["public"] and shown["subscription_id"] == subscription, shown
    assert "GCDisconnected" in refused("ls", laptop)

with check("ls of a collection that wants a consent"):
    # A service account gives it without being asked.
    said("ls", VAULT["id"])

with check("endpoint delete"):
    said("endpoint", "delete", guest)
    assert "EndpointDeleted" in refused("endpoint", "show", guest)

end()
