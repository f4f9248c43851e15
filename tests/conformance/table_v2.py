"""Calls to the newer API of Transfer, by the client that the official SDK has for it alone."""

from constants import MARKER, A, B, C
from globus_sdk.experimental.transfer_v2 import (
    BookmarkCreateDocument,
    BookmarkUpdateDocument,
    TunnelCreateDocument,
    TunnelUpdateDocument,
)


def tunnel_update(**attributes):
    return {"data": {"type": "Tunnel", "attributes": attributes}}


CASES = {
    "transfer_v2.create_tunnel": lambda c: c.transfer_v2.create_tunnel(TunnelCreateDocument(A, B, submission_id=C)),
    "transfer_v2.create_tunnel.everything": lambda c: c.transfer_v2.create_tunnel(
        TunnelCreateDocument(
            A,
            B,
            submission_id=C,
            label="größer",
            lifetime_mins=60,
            restartable=True,
            listener_ip_address="10.0.0.7",
            listener_port=5000,
        )
    ),
    "transfer_v2.update_tunnel": lambda c: c.transfer_v2.update_tunnel(
        A, TunnelUpdateDocument(label="größer", listener_ip_address="10.0.0.7", listener_port=5000, state="STOPPING")
    ),
    "transfer_v2.update_tunnel.null": lambda c: c.transfer_v2.update_tunnel(A, tunnel_update(label=None)),
    "transfer_v2.get_tunnel": lambda c: c.transfer_v2.get_tunnel(A),
    "transfer_v2.delete_tunnel": lambda c: c.transfer_v2.delete_tunnel(A),
    "transfer_v2.list_tunnels": lambda c: c.transfer_v2.list_tunnels(),
    "transfer_v2.get_tunnel_events": lambda c: c.transfer_v2.get_tunnel_events(A),
    "transfer_v2.get_tunnel_events.everything": lambda c: c.transfer_v2.get_tunnel_events(
        A, query_params={"page[limit]": 5, "page[marker]": MARKER, "is_error": "true"}
    ),
    "transfer_v2.get_stream_access_point": lambda c: c.transfer_v2.get_stream_access_point(A),
    "transfer_v2.list_stream_access_points": lambda c: c.transfer_v2.list_stream_access_points(),
    "transfer_v2.list_stream_access_points.everything": lambda c: c.transfer_v2.list_stream_access_points(
        query_params={
            "filter[fulltext]": "a+b&c=ü",
            "filter[endpoint_admin]": "true",
            "page[limit]": 5,
            "page[marker]": MARKER,
        }
    ),
    "transfer_v2.create_bookmark": lambda c: c.transfer_v2.create_bookmark(BookmarkCreateDocument(A, "größe", "/~/")),
    "transfer_v2.create_bookmark.everything": lambda c: c.transfer_v2.create_bookmark(
        BookmarkCreateDocument(A, "b", "/~/", additional_fields={"of_tomorrow": [1, None]})
    ),
    "transfer_v2.get_bookmark": lambda c: c.transfer_v2.get_bookmark(C),
    "transfer_v2.update_bookmark": lambda c: c.transfer_v2.update_bookmark(C, BookmarkUpdateDocument("b", "/ü/")),
    "transfer_v2.update_bookmark.path": lambda c: c.transfer_v2.update_bookmark(
        C, {"data": {"type": "Bookmark", "attributes": {"path": "/ü/"}}}
    ),
    "transfer_v2.delete_bookmark": lambda c: c.transfer_v2.delete_bookmark(C),
    "transfer_v2.list_bookmarks": lambda c: c.transfer_v2.list_bookmarks(),
    "transfer_v2.list_bookmarks.everything": lambda c: c.transfer_v2.list_bookmarks(
        query_params={"page[limit]": 5, "page[marker]": MARKER, "include": "collection"}
    ),
}
