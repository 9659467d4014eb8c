//! A web server on loopback, over HTTP or HTTPS, that answers one request a connection. What it answers is its user's business. It
//! serves until the test run ends.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Request {
    /// With the query.
    pub(super) path: String,
    pub(super) body: String,
}

/// Makes a certificate of its own for a server here, and writes it, in PEM form, into a file.
pub(super) fn identity(file: &Path) -> Arc<ServerConfig> {
    let names = ["localhost".to_owned(), Ipv4Addr::LOCALHOST.to_string()];
    let identity = rcgen::generate_simple_self_signed(names).expect("a certificate");
    fs::write(file, pem("CERTIFICATE", identity.cert.der())).expect("a file");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![identity.cert.der().clone()], identity.signing_key.into())
        .expect("a server configuration");
    Arc::new(config)
}

/// A place to listen at, and its address as users write it.
pub(super) fn listen(tls: Option<&Arc<ServerConfig>>) -> (TcpListener, String) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
    let address: SocketAddr = listener.local_addr().expect("an address");
    let scheme = if tls.is_some() { "https" } else { "http" };
    (listener, format!("{scheme}://{address}"))
}

/// Answers whoever comes.
pub(super) fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    answer: impl Fn(&Request, &mut dyn Write) -> io::Result<()> + Clone + Send + 'static,
) {
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (answer, tls) = (answer.clone(), tls.clone());
            // What goes wrong on one connection (a daemon tries plain HTTP on the HTTPS port first) is its client's concern.
            std::thread::spawn(move || handle(stream, tls, answer));
        }
    });
}

fn handle(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    answer: impl Fn(&Request, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let Some(config) = tls else { return one(stream, answer) };
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    one(StreamOwned::new(connection, stream), answer)
}

/// Answers one request and closes the connection.
fn one(stream: impl Read + Write, answer: impl Fn(&Request, &mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let (mut header, mut length) = (String::new(), 0);
    while reader.read_line(&mut header)? > 2 {
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        header.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut stream = reader.into_inner();
    let Some(path) = request.split_whitespace().nth(1) else { return Ok(()) };
    let request = Request { path: path.to_owned(), body: String::from_utf8_lossy(&body).into_owned() };
    answer(&request, &mut stream)?;
    stream.flush()
}

/// Puts something in PEM form.
pub(super) fn pem(what: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
}
