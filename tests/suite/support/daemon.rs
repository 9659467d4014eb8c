//! One private Incus daemon, for as long as the value lives. Ending, also when the test run is killed, is the work of
//! `scripts/private-incusd`, which watches the other end of a pipe.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::api::Api;

#[derive(Debug)]
pub(crate) struct Daemon {
    keeper: Child,
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
        let keeper = keeper.spawn().expect("scripts/private-incusd");
        let daemon = Self { keeper, socket: directory.join("incus/unix.socket") };
        if let Err(error) = Api::new(&daemon.socket).wait_until_ready(Duration::from_secs(60)) {
            let log = std::fs::read_to_string(directory.join("incusd.log")).unwrap_or_default();
            panic!("the daemon does not answer: {error}\n{log}");
        }
        daemon
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Closing the pipe is the signal to end. A failure here must not hide that of a test.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
