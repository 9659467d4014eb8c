//! A cable to a server on the network, which a test can cut, also in the middle of an answer. It passes bytes on, and knows nothing
//! of what they mean.

use std::fmt;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// From an address of its own to that of a server. It is cut when dropped.
#[derive(Debug)]
pub(crate) struct Cable(Arc<Inner>);

struct Inner {
    address: String,
    server: String,
    /// Both ends of each connection; nothing once the cable is cut.
    strands: Mutex<Option<Vec<TcpStream>>>,
    /// How many bytes of answers have passed, and after how many the accident happens.
    passed: AtomicUsize,
    limit: usize,
    accident: Mutex<Option<Accident>>,
}

type Accident = Box<dyn FnOnce() + Send>;

impl Cable {
    /// A cable to `server`, which is `host:port`.
    pub(crate) fn to(server: &str) -> Self {
        Self::failing(server, usize::MAX, || {})
    }

    /// The same, but after so many bytes of answers `accident` happens, and the cable is cut.
    pub(crate) fn failing(server: &str, limit: usize, accident: impl FnOnce() + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let inner = Arc::new(Inner {
            address: listener.local_addr().expect("an address").to_string(),
            server: server.to_owned(),
            strands: Mutex::new(Some(Vec::new())),
            passed: AtomicUsize::new(0),
            limit,
            accident: Mutex::new(Some(Box::new(accident))),
        });
        let cable = Self(Arc::clone(&inner));
        thread::spawn(move || {
            for near in listener.incoming() {
                match near {
                    Ok(near) if !inner.is_cut() => inner.join(near),
                    _ => return,
                }
            }
        });
        cable
    }

    /// Where it begins, as `host:port`.
    pub(crate) fn address(&self) -> &str {
        &self.0.address
    }

    /// Cuts it: connections break, and there are no new ones.
    pub(crate) fn cut(&self) {
        self.0.cut();
    }

    /// Whether it has been cut, by whomever.
    pub(crate) fn is_cut(&self) -> bool {
        self.0.is_cut()
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.cut();
    }
}

impl Inner {
    fn is_cut(&self) -> bool {
        self.strands.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn cut(&self) {
        let strands = self.strands.lock().unwrap_or_else(PoisonError::into_inner).take();
        for strand in strands.into_iter().flatten() {
            let _ = strand.shutdown(Shutdown::Both);
        }
        // Wakes the one that listens, who then sees that it is over.
        let _ = TcpStream::connect(&self.address);
    }

    /// Joins a new connection with one to the server.
    fn join(self: &Arc<Self>, near: TcpStream) {
        let Ok(far) = TcpStream::connect(&self.server) else { return };
        let copy = |strand: &TcpStream| strand.try_clone().expect("a socket");
        match &mut *self.strands.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(strands) => strands.extend([copy(&near), copy(&far)]),
            None => return,
        }
        let (asks, asked, inner) = (copy(&near), copy(&far), Arc::clone(self));
        thread::spawn(move || pass(asks, asked, |_| true));
        thread::spawn(move || pass(far, near, |count| inner.holds(count)));
    }

    /// Whether the cable holds when so many bytes more pass.
    fn holds(&self, count: usize) -> bool {
        if self.passed.fetch_add(count, Ordering::Relaxed) < self.limit {
            return true;
        }
        if let Some(accident) = self.accident.lock().unwrap_or_else(PoisonError::into_inner).take() {
            accident();
            self.cut();
        }
        false
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.address, self.server)
    }
}

/// Passes on what comes, as long as `holds` says so.
fn pass(mut from: TcpStream, mut to: TcpStream, holds: impl Fn(usize) -> bool) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !holds(count) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
