//! Calls to the newer API of Transfer: bookmarks and tunnels.

use globus::transfer::{
    tunnels::{NewTunnel, TunnelState, TunnelUpdate},
    v2::{BookmarkUpdate, NewBookmark},
};
use serde_json::json;

use super::{A, B, C, cases, tunnels::everything};

const MARKER: &str = "a/b+c==";

fn update() -> TunnelUpdate {
    TunnelUpdate::new()
        .label("größer".to_owned())
        .listener_ip_address("10.0.0.7".to_owned())
        .listener_port(5000)
        .state(TunnelState::Stopping)
}

cases! { clients;
    "transfer_v2.create_tunnel" => clients.transfer.create_tunnel(NewTunnel::new(A, B).submission_id(C)),
    "transfer_v2.create_tunnel.everything" => clients.transfer.create_tunnel(everything()),
    "transfer_v2.update_tunnel" => clients.transfer.update_tunnel(A, update()),
    "transfer_v2.update_tunnel.null" => clients.transfer.update_tunnel(A, TunnelUpdate::new().label(None)),
    "transfer_v2.get_tunnel" => clients.transfer.get_tunnel(A),
    "transfer_v2.delete_tunnel" => clients.transfer.delete_tunnel(A),
    "transfer_v2.list_tunnels" => clients.transfer.list_tunnels(),
    "transfer_v2.get_tunnel_events" => clients.transfer.get_tunnel_events(A),
    "transfer_v2.get_tunnel_events.everything" => {
        clients.transfer.get_tunnel_events(A).page_limit(5).page_marker(MARKER).is_error(true)
    },
    "transfer_v2.get_stream_access_point" => clients.transfer.get_stream_access_point(A),
    "transfer_v2.list_stream_access_points" => clients.transfer.list_stream_access_points(),
    "transfer_v2.list_stream_access_points.everything" => clients
        .transfer
        .list_stream_access_points()
        .filter_fulltext("a+b&c=ü")
        .filter_endpoint_admin(true)
        .page_limit(5)
        .page_marker(MARKER),
    "transfer_v2.create_bookmark" => {
        clients.transfer.v2().create_bookmark(NewBookmark::new("größe", A, "/~/"))
    },
    "transfer_v2.create_bookmark.everything" => clients
        .transfer
        .v2()
        .create_bookmark(NewBookmark::new("b", A, "/~/").extra("of_tomorrow", json!([1, null]))),
    "transfer_v2.get_bookmark" => clients.transfer.v2().get_bookmark(C),
    "transfer_v2.update_bookmark" => {
        clients.transfer.v2().update_bookmark(C, BookmarkUpdate::new("/ü/").name("b"))
    },
    "transfer_v2.update_bookmark.path" => clients.transfer.v2().update_bookmark(C, BookmarkUpdate::new("/ü/")),
    "transfer_v2.delete_bookmark" => clients.transfer.v2().delete_bookmark(C),
    "transfer_v2.list_bookmarks" => clients.transfer.v2().list_bookmarks(),
    "transfer_v2.list_bookmarks.everything" => {
        clients.transfer.v2().list_bookmarks().page_limit(5).page_marker(MARKER).include(["collection"])
    },
}
