//! Images that this run has come upon in one way. Not for what is known beyond the run, which stands in the state.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::connections::Target;
use crate::incus::Fingerprint;

/// A set of images, wherever they are.
#[derive(Debug, Default)]
pub(super) struct Noted(Mutex<HashSet<String>>);

impl Noted {
    /// Notes an image.
    pub(super) fn note(&self, target: &Target, fingerprint: &Fingerprint) {
        self.keys().insert(target.key(fingerprint.as_str()));
    }

    /// Whether an image is noted.
    pub(super) fn has(&self, target: &Target, fingerprint: &Fingerprint) -> bool {
        self.keys().contains(&target.key(fingerprint.as_str()))
    }

    /// Forgets all of them.
    pub(super) fn forget(&self) {
        self.keys().clear();
    }

    fn keys(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
