//! A distance: a proxy on loopback that hands each answer on when a round trip's time is over.

use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

/// Forwards every connection to `upstream`, and hands an answer on `round_trip` after the request it
/// answers. A connection itself takes no time. Runs as long as the process. Gives its address.
pub(crate) fn proxy(upstream: String, round_trip: Duration) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("localhost:{}", listener.local_addr()?.port());
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let upstream = upstream.clone();
            std::thread::spawn(move || forward(&client, &upstream, round_trip));
        }
    });
    Ok(address)
}

fn forward(client: &TcpStream, upstream: &str, round_trip: Duration) -> std::io::Result<()> {
    let server = TcpStream::connect(upstream)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let asked = Arc::new(Mutex::new(Instant::now()));
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    let at = Arc::clone(&asked);
    std::thread::spawn(move || -> std::io::Result<()> {
        let mut buffer = vec![0; 64 << 10];
        loop {
            let length = from.read(&mut buffer)?;
            if let Ok(mut at) = at.lock() {
                *at = Instant::now();
            }
            match buffer.get(..length) {
                None | Some([]) => return to.shutdown(Shutdown::Write),
                Some(bytes) => to.write_all(bytes)?,
            }
        }
    });
    let (mut from, mut to) = (server, client.try_clone()?);
    let mut buffer = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut buffer)?;
        let due = asked.lock().map_or_else(|_| Instant::now(), |at| *at) + round_trip;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        match buffer.get(..length) {
            None | Some([]) => return to.shutdown(Shutdown::Both),
            Some(bytes) => to.write_all(bytes)?,
        }
    }
}
