//! Images whose creation is not finished: those that this process is at work on, and those that interrupted runs have left, for which
//! it looks once. Not for telling for whom they are: their markers do.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use crate::incus::{Error, Image};

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    /// The markers of those that this process is at work on.
    markers: Mutex<HashSet<String>>,
    /// What was found in a place.
    left: Mutex<HashMap<String, Arc<OnceCell<Vec<Image>>>>>,
}

/// The creation of an image by this process, until it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    all: &'a Unfinished,
    marker: String,
    is_finished: AtomicBool,
}

impl Unfinished {
    /// Notes that the image with this marker is on its way.
    pub(super) fn begin(&self, marker: &str) -> UnderWay<'_> {
        self.markers().insert(marker.to_owned());
        UnderWay { all: self, marker: marker.to_owned(), is_finished: AtomicBool::new(false) }
    }

    /// What was left in a place when this run first looked: by now it may be finished, or gone.
    ///
    /// # Errors
    /// As `look`, which then is tried again the next time.
    pub(super) async fn left(
        &self,
        place: String,
        look: impl Future<Output = Result<Vec<Image>, Error>>,
    ) -> Result<Vec<Image>, Error> {
        let left = Arc::clone(self.left.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_default());
        left.get_or_try_init(|| look).await.cloned()
    }

    /// Forgets what was found.
    pub(super) fn forget(&self) {
        self.left.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn markers(&self) -> MutexGuard<'_, HashSet<String>> {
        self.markers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay<'_> {
    /// Whether this process is at work on an image with this marker, and that is another one.
    pub(super) fn is_anothers(&self, marker: &str) -> bool {
        marker != self.marker && self.all.markers().contains(marker)
    }

    /// Notes that the image is what was wanted.
    pub(super) fn finish(&self) {
        self.is_finished.store(true, Ordering::SeqCst);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.markers().remove(&self.marker);
        if !self.is_finished.load(Ordering::SeqCst) {
            // It may be left, and to be found by the next one.
            self.all.forget();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn what_is_under_way_is_told_from_what_is_left() {
        let unfinished = Unfinished::default();
        let (one, other) = (unfinished.begin("one"), unfinished.begin("other"));
        assert!(one.is_anothers("other") && !one.is_anothers("one") && !one.is_anothers("left"));
        drop(other);
        assert!(!one.is_anothers("other"));
    }

    #[tokio::test]
    async fn one_look_is_enough_until_an_image_is_not_finished() {
        let (unfinished, looks) = (Unfinished::default(), AtomicUsize::new(0));
        let look = async || {
            looks.fetch_add(1, Ordering::SeqCst);
            Ok(Vec::new())
        };
        let looked = async || {
            unfinished.left("here".to_owned(), look()).await.unwrap();
            looks.load(Ordering::SeqCst)
        };
        assert_eq!(looked().await, 1);
        unfinished.begin("one").finish();
        assert_eq!(looked().await, 1);
        drop(unfinished.begin("two"));
        assert_eq!(looked().await, 2);
    }
}
