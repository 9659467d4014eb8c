//! A web proxy on loopback, for plain HTTP: it takes every host for one image server.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::simplestreams::SimplestreamsServer;

#[derive(Debug)]
pub(crate) struct HttpProxy {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HttpProxy {
    /// In front of this server, which speaks HTTP.
    pub(crate) fn start(server: &SimplestreamsServer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server: SocketAddr = server.url().trim_start_matches("http://").parse().expect("an address");
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let remembered = Arc::clone(&asked);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // What goes wrong on one connection is its client's concern.
                let _ = forward(client, server, &remembered);
            }
        });
        Self { url, asked }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Whether this address was asked for.
    pub(crate) fn asked_for(&self, address: &str) -> bool {
        self.asked.lock().expect("no panic while serving").iter().any(|asked| asked == address)
    }
}

fn forward(client: TcpStream, server: SocketAddr, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let address = line.split_whitespace().nth(1).unwrap_or_default().to_owned();
    asked.lock().expect("no panic while serving").push(address.clone());
    let path = address.splitn(4, '/').nth(3).unwrap_or_default();
    let mut upstream = TcpStream::connect(server)?;
    write!(upstream, "GET /{path} HTTP/1.1\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer)?;
    reader.into_inner().write_all(&answer)
}
