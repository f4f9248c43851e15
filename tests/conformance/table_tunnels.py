"""Calls to Transfer about tunnels."""

from constants import A, B, C
from globus_sdk.services.transfer.data import CreateTunnelData

CASES = {
    "transfer.create_tunnel": lambda c: c.transfer.create_tunnel(CreateTunnelData(A, B, submission_id=C)),
    "transfer.create_tunnel.everything": lambda c: c.transfer.create_tunnel(
        CreateTunnelData(
            A,
            B,
            submission_id=C,
            label="größer",
            lifetime_mins=60,
            restartable=True,
            additional_fields={"listener_ip_address": "10.0.0.7", "listener_port": 5000},
        )
    ),
    "transfer.update_tunnel": lambda c: c.transfer.update_tunnel(
        A,
        {"data": {"type": "Tunnel", "attributes": {"label": None, "listener_port": 5000, "state": "STOPPING"}}},
    ),
    "transfer.get_tunnel": lambda c: c.transfer.get_tunnel(A),
    "transfer.delete_tunnel": lambda c: c.transfer.delete_tunnel(A),
    "transfer.list_tunnels": lambda c: c.transfer.list_tunnels(),
    "transfer.get_tunnel_events": lambda c: c.transfer.get_tunnel_events(A),
    "transfer.get_stream_access_point": lambda c: c.transfer.get_stream_access_point(A),
}
