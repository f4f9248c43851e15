"""The newer API of Transfer with the official SDK's client for it. `CONFORMANCE_EMULATOR` names the ready file of an
emulator."""

import globus_sdk
from check import check, emulator, end, raises
from driven import watch
from globus_sdk.experimental import TransferClientV2
from globus_sdk.experimental.transfer_v2 import (
    BookmarkCreateDocument,
    BookmarkUpdateDocument,
    TunnelCreateDocument,
    TunnelUpdateDocument,
)

watch()
HERE = emulator()
LAB, ARCHIVE = (HERE["collections"][name] for name in ("lab", "archive"))
POINTS = HERE["stream_access_points"]
Refused = globus_sdk.TransferAPIError
app = globus_sdk.ClientApp(
    "conformance",
    client_id=HERE["client_id"],
    client_secret=HERE["client_secret"],
    config=globus_sdk.GlobusAppConfig(token_storage="memory"),
)
transfer = TransferClientV2(app=app)


def attributes(answer):
    return answer["data"]["attributes"]


with check("a bookmark is made, read, listed, changed and deleted"):
    made = transfer.create_bookmark(BookmarkCreateDocument(LAB["id"], "größe", "/runs/"))
    assert made.http_status == 201, made.data
    mark = made["data"]["id"]
    assert made["data"]["relationships"]["collection"]["data"] == {"type": "Collection", "id": LAB["id"]}
    assert attributes(transfer.get_bookmark(mark)) == {"name": "größe", "path": "/runs/"}
    with_collection = transfer.get_bookmark(mark, query_params={"include": "collection"})
    assert [one["id"] for one in with_collection["included"]] == [LAB["id"]], with_collection.data
    same = lambda: transfer.create_bookmark(BookmarkCreateDocument(ARCHIVE["id"], "größe", "/"))
    raises(Refused, same, http_status=409)
    changed = transfer.update_bookmark(mark, BookmarkUpdateDocument("better", "/runs/8/"))
    assert attributes(changed) == {"name": "better", "path": "/runs/8/"}, changed.data
    other = transfer.create_bookmark(BookmarkCreateDocument(ARCHIVE["id"], "other", "/"))["data"]["id"]
    assert {one["id"] for one in transfer.list_bookmarks()} == {mark, other}
    transfer.delete_bookmark(mark)
    raises(Refused, lambda: transfer.get_bookmark(mark), http_status=404)
    assert [one["id"] for one in transfer.list_bookmarks()] == [other]

with check("stream access points are found and described"):
    assert {one["id"] for one in transfer.list_stream_access_points()} == set(POINTS.values())
    found = transfer.list_stream_access_points(query_params={"filter[fulltext]": "detector"})
    assert [one["id"] for one in found] == [POINTS["detector"]], found.data
    pages = transfer.paginated.list_stream_access_points(query_params={"page[limit]": 1})
    ids = [one["id"] for page in pages for one in page["data"]]
    assert sorted(ids) == sorted(POINTS.values()), ids
    assert attributes(transfer.get_stream_access_point(POINTS["cluster"]))["display_name"] == "cluster"

with check("a tunnel is made once, changed, stopped and deleted"):
    document = TunnelCreateDocument(POINTS["cluster"], POINTS["detector"], label="beam", lifetime_mins=60)
    tunnel = transfer.create_tunnel(document)["data"]["id"]
    assert transfer.create_tunnel(document)["data"]["id"] == tunnel
    assert [one["id"] for one in transfer.list_tunnels()] == [tunnel]
    assert attributes(transfer.get_tunnel(tunnel))["lifetime_mins"] == 60
    renamed = transfer.update_tunnel(tunnel, TunnelUpdateDocument(label="other beam"))
    assert attributes(renamed)["label"] == "other beam", renamed.data
    listening = TunnelUpdateDocument(listener_ip_address="127.0.0.1", listener_port=9)
    assert attributes(transfer.update_tunnel(tunnel, listening))["initiator_port"]
    raises(Refused, lambda: transfer.delete_tunnel(tunnel), http_status=409)
    transfer.update_tunnel(tunnel, TunnelUpdateDocument(state="STOPPING"))
    assert attributes(transfer.get_tunnel(tunnel))["state"] == "STOPPED"
    codes = [event["attributes"]["code"] for event in transfer.get_tunnel_events(tunnel)]
    assert codes == ["TUNNEL_STOPPED", "TUNNEL_ACTIVE", "STARTED"], codes
    transfer.delete_tunnel(tunnel)
    raises(Refused, lambda: transfer.get_tunnel(tunnel), http_status=404)

end()
