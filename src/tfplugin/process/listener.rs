//! Where Terraform connects: a unix socket in a directory of its own, else a port of 127.0.0.1.
//! Only binds and names the place; connections are accepted in `connection`.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::{env, io};

use tokio::net::TcpListener;
use tokio::net::UnixListener;
use tokio_rustls::rustls::crypto::CryptoProvider;

use super::error::Error;

/// A bound listener. Must live as long as it is accepted from: dropping it removes the socket.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) address: Address,
    pub(super) incoming: Incoming,
}

/// What connections come out of.
#[derive(Debug)]
pub(super) enum Incoming {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Where a listener listens, in the words of the handshake.
#[derive(Debug)]
pub(super) enum Address {
    Unix(Socket),
    Tcp(SocketAddr),
}

impl Address {
    /// Go's name of the network.
    pub(super) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }

    /// The path, or host and port.
    pub(super) fn location(&self) -> String {
        match self {
            Self::Unix(socket) => socket.path.clone(),
            Self::Tcp(address) => address.to_string(),
        }
    }
}

/// Binds a unix socket, or a port where that is impossible: the path is too long (107 bytes on Linux), the directory
/// is missing, the handshake can't carry its name.
pub(super) fn bind(crypto: &CryptoProvider) -> Result<Listener, Error> {
    let directory = env::var_os("PLUGIN_UNIX_SOCKET_DIR").filter(|directory| !directory.is_empty());
    let directory = directory.map_or_else(env::temp_dir, PathBuf::from);
    match Socket::bind(&directory, crypto) {
        Ok((socket, listener)) => {
            return Ok(Listener { address: Address::Unix(socket), incoming: Incoming::Unix(listener) });
        }
        Err(error) => {
            tracing::debug!(directory = %directory.display(), %error, "no unix socket, listening on TCP instead");
        }
    }
    bind_port(port("PLUGIN_MIN_PORT", 10_000), port("PLUGIN_MAX_PORT", 25_000))
}

/// A unix socket in a directory that only we may enter. Both vanish with this value.
#[derive(Debug)]
pub(super) struct Socket {
    directory: PathBuf,
    path: String,
}

impl Socket {
    fn bind(parent: &Path, crypto: &CryptoProvider) -> io::Result<(Self, UnixListener)> {
        let mut random = [0; 8];
        crypto.secure_random.fill(&mut random).map_err(|_| io::Error::other("no random numbers"))?;
        let directory = parent.join(format!("plugin-{:016x}", u64::from_ne_bytes(random)));
        let path = directory.join("socket");
        // The handshake is one line of fields between bars.
        let path = path.to_str().filter(|path| !path.contains(['|', '\n', '\r']));
        let path = path.ok_or(io::ErrorKind::InvalidFilename)?.to_owned();

        // The mode comes with the directory's creation, so that there is no moment when others could connect.
        fs::DirBuilder::new().mode(0o700).create(&directory)?;
        let socket = Self { directory, path };
        let listener = UnixListener::bind(&socket.path)?;
        Ok((socket, listener))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // Whatever is gone already needs no removing.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_dir(&self.directory);
    }
}

/// The first free port of the range that the host allows.
fn bind_port(first: u16, last: u16) -> Result<Listener, Error> {
    (first..=last)
        .find_map(|port| std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .ok_or(Error::NoPort { first, last })
        .and_then(|listener| from_std(listener).map_err(Error::Listen))
}

fn from_std(listener: std::net::TcpListener) -> io::Result<Listener> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    Ok(Listener { address: Address::Tcp(listener.local_addr()?), incoming: Incoming::Tcp(listener) })
}

fn port(variable: &str, default: u16) -> u16 {
    env::var(variable).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tokio_rustls::rustls::crypto::ring;

    use super::{Socket, bind_port, fs};

    #[tokio::test]
    async fn the_socket_is_private_and_vanishes() {
        let parent = tempfile::tempdir().unwrap();
        let (socket, _listener) = Socket::bind(parent.path(), &ring::default_provider()).unwrap();
        assert_eq!(fs::metadata(&socket.directory).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(fs::exists(&socket.path).unwrap());

        drop(socket);
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_or_breaks_the_handshake_is_refused_and_leaves_nothing() {
        for name in ["d".repeat(100), "a|b".to_owned(), "a\nb".to_owned()] {
            let parent = tempfile::tempdir().unwrap();
            let directory = parent.path().join(name);
            fs::create_dir(&directory).unwrap();
            assert!(Socket::bind(&directory, &ring::default_provider()).is_err());
            assert_eq!(fs::read_dir(&directory).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn a_taken_port_is_passed_over() {
        let taken = bind_port(20_000, 25_000).unwrap();
        let first: u16 = taken.address.location().rsplit_once(':').unwrap().1.parse().unwrap();
        assert!(bind_port(first, first).is_err());
        assert!(bind_port(first, first + 100).is_ok());
    }
}
