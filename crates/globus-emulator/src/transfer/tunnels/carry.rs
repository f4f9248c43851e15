//! What a tunnel does: every connection to its entrance becomes one to the program that listens.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::state::State;

/// How long to wait after a connection that could not be taken.
const BREATH: Duration = Duration::from_millis(50);

/// Opens the entrance of a tunnel. It closes, with every connection through it, when the sender is dropped or told.
pub(super) async fn open(
    state: &Arc<State>,
    listener: (IpAddr, u16),
) -> io::Result<(SocketAddr, watch::Sender<bool>)> {
    let entrance = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = entrance.local_addr()?;
    let (stop, mut stopped) = watch::channel(false);
    let exit = SocketAddr::from(listener);
    state.spawn(async move {
        tokio::select! {
            () = take(entrance, exit) => {}
            // Told, or nobody is left who could.
            _ = stopped.wait_for(|stopped| *stopped) => {}
        }
    });
    Ok((address, stop))
}

async fn take(entrance: TcpListener, exit: SocketAddr) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((mut client, _)) = entrance.accept().await else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        // A tunnel of the emulator leads to this machine only, whatever address it was told.
        if exit.ip().to_canonical().is_loopback() {
            connections.spawn(async move {
                if let Ok(mut server) = TcpStream::connect(exit).await {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                }
            });
        }
    }
}
