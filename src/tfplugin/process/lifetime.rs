//! What ends the process besides `Shutdown`: the death of Terraform, and signals.

use std::io;
#[cfg(unix)]
use std::os::unix::process::parent_id;
#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How often we look whether Terraform still lives.
#[cfg(unix)]
const PARENT_INTERVAL: Duration = Duration::from_secs(1);

/// The Ctrl-C's that reach this process.
#[cfg(unix)]
pub(super) type Interrupts = Signal;
#[cfg(windows)]
pub(super) type Interrupts = tokio::signal::windows::CtrlC;

/// From here on a Ctrl-C kills nothing, even when the value returned is dropped. It reaches the whole foreground group, but
/// what it means is Terraform's to say, through the `Stop` RPC.
pub(super) fn hold_interrupts() -> io::Result<Interrupts> {
    #[cfg(unix)]
    return signal(SignalKind::interrupt());
    #[cfg(windows)]
    return tokio::signal::windows::ctrl_c();
}

/// Resolves when Terraform is gone, or when someone asks this very process to end (SIGTERM).
pub(super) async fn abandoned() {
    #[cfg(unix)]
    tokio::select! {
        () = parent_gone() => tracing::warn!("Terraform is gone"),
        () = terminated() => tracing::warn!("asked to terminate"),
    }
    #[cfg(not(unix))]
    std::future::pending::<()>().await;
}

/// Nothing tells a plugin that its host was killed: without looking, it would stay for ever.
#[cfg(unix)]
async fn parent_gone() {
    // Compared with the parent at the start, because 1 is a legitimate one: Terraform as a container's first process.
    let parent = parent_id();
    while parent_id() == parent {
        tokio::time::sleep(PARENT_INTERVAL).await;
    }
}

#[cfg(unix)]
async fn terminated() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminations) => _ = terminations.recv().await,
        // The signal then keeps its default effect.
        Err(_) => std::future::pending().await,
    }
}
