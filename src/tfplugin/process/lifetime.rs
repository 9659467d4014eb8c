//! What ends the process besides `Shutdown`: the death of Terraform, and signals.
//! A signal is held from the call on, before anybody waits for it: it may come with the handshake.

use std::io;
use std::os::unix::process::parent_id;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

/// How often we look whether Terraform still lives.
const PARENT_INTERVAL: Duration = Duration::from_secs(1);

/// Resolves when Terraform is gone, or when someone asks this very process to end (SIGTERM).
///
/// Ctrl-C does nothing from here on, nor does the end of a terminal. Both reach the whole foreground group, but what they mean is
/// Terraform's to say: through the `Stop` RPC, or by being gone.
pub(super) fn abandoned() -> io::Result<impl Future<Output = ()>> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut hangups = signal(SignalKind::hangup())?;
    let mut terminations = signal(SignalKind::terminate())?;
    // Compared with the parent at the start, because 1 is a legitimate one: Terraform as a container's first process.
    let parent = parent_id();
    Ok(async move {
        loop {
            tokio::select! {
                _ = interrupts.recv() => {}
                _ = hangups.recv() => {}
                _ = terminations.recv() => return,
                // Nothing tells a plugin that its host was killed: without looking, it would stay for ever.
                () = tokio::time::sleep(PARENT_INTERVAL) => {
                    if parent_id() != parent {
                        tracing::warn!("Terraform is gone");
                        return;
                    }
                }
            }
        }
    })
}

/// Resolves when someone ends a process that belongs to no Terraform.
pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut hangups = signal(SignalKind::hangup())?;
    let mut terminations = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = hangups.recv() => {}
            _ = terminations.recv() => {}
        }
    })
}
