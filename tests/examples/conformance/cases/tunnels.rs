//! Calls to Transfer about tunnels.

use globus::transfer::tunnels::{NewTunnel, TunnelState, TunnelUpdate};

use super::{A, B, C, cases};

pub(super) fn everything() -> NewTunnel {
    NewTunnel::new(A, B)
        .submission_id(C)
        .label("größer")
        .lifetime_mins(60)
        .restartable(true)
        .listener_ip_address("10.0.0.7".to_owned())
        .listener_port(5000)
}

fn update() -> TunnelUpdate {
    TunnelUpdate::new().label(None).listener_port(5000).state(TunnelState::Stopping)
}

cases! { clients;
    "transfer.create_tunnel" => clients.transfer.create_tunnel(NewTunnel::new(A, B).submission_id(C)),
    "transfer.create_tunnel.everything" => clients.transfer.create_tunnel(everything()),
    "transfer.update_tunnel" => clients.transfer.update_tunnel(A, update()),
    "transfer.get_tunnel" => clients.transfer.get_tunnel(A),
    "transfer.delete_tunnel" => clients.transfer.delete_tunnel(A),
    "transfer.list_tunnels" => clients.transfer.list_tunnels(),
    "transfer.get_tunnel_events" => clients.transfer.get_tunnel_events(A),
    "transfer.get_stream_access_point" => clients.transfer.get_stream_access_point(A),
}
