//! How far a long step is, every few seconds in the log. Not for operations of a server, which tell that themselves.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::time::sleep;

use super::transport::Outgoing;
use super::{Content, Error};

/// How often it is said.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// Bytes that have passed so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passed(Arc<AtomicU64>);

impl Passed {
    /// The same content, counted when it is read.
    pub(crate) fn counting(&self, outgoing: Outgoing) -> Outgoing {
        match outgoing {
            Outgoing::Whole { content_type, length, content } => {
                Outgoing::Whole { content_type, length, content: self.counted(content) }
            }
            Outgoing::Halves(halves) => {
                let halves = halves.into_iter();
                let counted = |(part, name, length, content)| (part, name, length, self.counted(content));
                Outgoing::Halves(halves.map(counted).collect())
            }
        }
    }

    fn counted(&self, content: Content) -> Content {
        let passed = Arc::clone(&self.0);
        let count = move |bytes: &Result<Bytes, Error>| {
            let length = bytes.as_ref().map_or(0, Bytes::len);
            passed.fetch_add(length as u64, Ordering::Relaxed);
        };
        content.inspect(count).boxed()
    }
}

/// What `step` comes to, and on the way to it, every few seconds, that it goes on.
pub(crate) async fn told<T>(what: &str, passed: Option<&Passed>, step: impl Future<Output = T>) -> T {
    let mut step = pin!(step);
    loop {
        tokio::select! {
            biased;
            outcome = &mut step => return outcome,
            () = sleep(INTERVAL) => match passed {
                Some(Passed(bytes)) => tracing::info!("still at it: {what}: {}", megabytes(bytes.load(Ordering::Relaxed))),
                None => tracing::info!("still at it: {what}"),
            }
        }
    }
}

/// Bytes as people read them.
pub fn megabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_megabytes() {
        assert_eq!(megabytes(0), "0.0 MB");
        assert_eq!(megabytes(999_999), "0.9 MB");
        assert_eq!(megabytes(1_234_567_890), "1234.5 MB");
    }
}
