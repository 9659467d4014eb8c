//! What ends the process besides `Shutdown`: the death of Terraform, and signals.
//! A signal is held from the call on, before anybody waits for it: it may come with the handshake.

use std::io;
#[cfg(unix)]
use std::os::unix::process::parent_id;
#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

/// How often we look whether Terraform still lives.
#[cfg(unix)]
const PARENT_INTERVAL: Duration = Duration::from_secs(1);

/// Resolves when Terraform is gone, or when someone asks this very process to end (SIGTERM).
///
/// Ctrl-C does nothing from here on. It reaches the whole foreground group, but what it means is Terraform's to say,
/// through the `Stop` RPC.
#[cfg(unix)]
pub(super) fn abandoned() -> io::Result<impl Future<Output = ()>> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    // Compared with the parent at the start, because 1 is a legitimate one: Terraform as a container's first process.
    let parent = parent_id();
    Ok(async move {
        loop {
            tokio::select! {
                _ = interrupts.recv() => {}
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
#[cfg(unix)]
pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
    })
}

/// Never resolves: there is no way to see that Terraform is gone. Ctrl-C does nothing from here on.
#[cfg(windows)]
pub(super) fn abandoned() -> io::Result<impl Future<Output = ()>> {
    drop(tokio::signal::windows::ctrl_c()?);
    Ok(std::future::pending())
}

/// Resolves when someone ends a process that belongs to no Terraform.
#[cfg(windows)]
pub(super) fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut interrupts = tokio::signal::windows::ctrl_c()?;
    Ok(async move { _ = interrupts.recv().await })
}
