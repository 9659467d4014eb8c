//! Cancellation as Terraform means it: `Stop` ends the requests that run now, and later ones work as before.
//! Also knows whether any request runs, so that the process leaves under one only after a grace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A handle on every running request of the process. Clones share what they know.
#[derive(Clone, Debug)]
pub struct Stop {
    current: Arc<Mutex<CancellationToken>>,
    running: Arc<watch::Sender<usize>>,
}

impl Stop {
    /// Nothing runs and nothing was asked to stop.
    #[must_use]
    pub fn new() -> Self {
        Self { current: Arc::default(), running: Arc::new(watch::Sender::new(0)) }
    }

    /// Cancels every running request. One that begins later gets a fresh token.
    pub fn request(&self) {
        std::mem::take(&mut *self.current()).cancel();
    }

    /// Counts one more running request, until the guard is dropped.
    #[must_use]
    pub fn begin(&self) -> Running {
        let token = self.current().clone();
        self.running.send_modify(|running| *running += 1);
        Running { token, running: Arc::clone(&self.running) }
    }

    /// Resolves once no request runs.
    pub async fn idle(&self) {
        // Fails only without a sender, and `self` holds one.
        let _ = self.running.subscribe().wait_for(|running| *running == 0).await;
    }

    fn current(&self) -> MutexGuard<'_, CancellationToken> {
        // A token can't be left half-changed, so a panic elsewhere does no harm.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

/// One running request. Dropping it says that the request has ended.
#[derive(Debug)]
pub struct Running {
    token: CancellationToken,
    running: Arc<watch::Sender<usize>>,
}

impl Running {
    /// Cancelled when this request should stop at its next safe point.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.running.send_modify(|running| *running -= 1);
    }
}

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use std::time::Duration;

    use super::Stop;

    #[test]
    fn cancels_what_runs_and_not_what_comes_later() {
        let stop = Stop::new();
        let (first, second) = (stop.begin(), stop.clone().begin());
        assert!(!first.token().is_cancelled());

        stop.request();
        assert!(first.token().is_cancelled());
        assert!(second.token().is_cancelled());

        let later = stop.begin();
        assert!(!later.token().is_cancelled());
        stop.request();
        assert!(later.token().is_cancelled());
    }

    #[tokio::test]
    async fn is_idle_once_the_last_request_ended() {
        let stop = Stop::new();
        stop.idle().await;

        let (first, second) = (stop.begin(), stop.begin());
        drop(first);
        assert!(tokio::time::timeout(Duration::from_millis(20), stop.idle()).await.is_err(), "one request still runs");

        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.idle().await }
        });
        drop(second);
        tokio::time::timeout(Duration::from_secs(5), waiting)
            .await
            .expect("the waiter wakes")
            .expect("it does not panic");
    }
}
