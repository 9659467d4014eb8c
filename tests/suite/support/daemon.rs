//! One private Incus daemon, for as long as the value lives. Ending, also when the test run is killed, is the work of
//! `scripts/private-incusd`, which watches the other end of a pipe.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::api::Api;
use super::running::signal;

/// How long a start may take.
const LIMIT: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(crate) struct Daemon {
    keeper: Child,
    line: Line,
    socket: PathBuf,
}

/// The line to the keeper, until it is closed.
type Line = Arc<Mutex<Option<ChildStdin>>>;

/// Restarts a daemon, from any thread.
#[derive(Clone, Debug)]
pub(crate) struct Restart {
    line: Line,
    socket: PathBuf,
}

impl Daemon {
    /// Starts a daemon below `directory`, which is removed with it, and waits until it answers.
    pub(crate) fn start(directory: &Path, trusted_certificate: Option<&Path>) -> Self {
        let mut keeper = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/private-incusd"));
        keeper.arg(directory).arg("root").stdin(Stdio::piped());
        if let Some(certificate) = trusted_certificate {
            keeper.env("SSL_CERT_FILE", certificate);
        }
        let mut keeper = keeper.spawn().expect("scripts/private-incusd");
        let line = Arc::new(Mutex::new(keeper.stdin.take()));
        let daemon = Self { keeper, line, socket: directory.join("incus/unix.socket") };
        if let Err(error) = Api::new(&daemon.socket).wait_until_ready(LIMIT) {
            let log = std::fs::read_to_string(directory.join("incusd.log")).unwrap_or_default();
            panic!("the daemon does not answer: {error}\n{log}");
        }
        daemon
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    pub(crate) fn restart(&self) -> Restart {
        Restart { line: Arc::clone(&self.line), socket: self.socket.clone() }
    }
}

impl Restart {
    /// Stops the daemon, starts it again and waits until it answers.
    pub(crate) fn now(&self) {
        let api = Api::new(&self.socket);
        let before = api.process();
        if let Some(line) = self.line.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            line.write_all(b"\n").expect("the keeper reads");
        }
        let start = Instant::now();
        while api.process().is_none_or(|now| Some(now) == before) {
            assert!(start.elapsed() < LIMIT, "the daemon does not come back");
            std::thread::sleep(Duration::from_millis(10));
        }
        api.wait_until_ready(LIMIT).expect("the daemon is ready");
    }

    /// Ends the daemon as the kernel does that has no memory left, starts it again and waits until it answers.
    pub(crate) fn after_a_kill(&self) {
        let process = Api::new(&self.socket).process().expect("the daemon answers").to_string();
        signal("-KILL", &process);
        self.now();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Closing the pipe is the signal to end. A failure here must not hide that of a test.
        drop(self.line.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.keeper.wait();
    }
}
