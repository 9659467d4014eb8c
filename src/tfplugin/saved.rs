//! What is saved of an object whatever happens to the work on it: an error, a panic, a stop.

use std::sync::{Mutex, PoisonError};

/// An object as Terraform stores or plans it: its attributes, and what only the provider reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<M, P> {
    /// The attributes. Those of a plan may be unknown.
    pub state: M,
    /// The provider's own notes.
    pub private: P,
}

/// The slot from which an apply answers. A resource puts the object there as soon as the server holds it, and again whenever
/// it changes; after that it may fail in any way, and the state will still say what exists.
#[derive(Debug)]
pub struct Saved<M, P>(Mutex<Option<Stored<M, P>>>);

impl<M: Clone, P: Clone> Saved<M, P> {
    /// A slot that holds `before`: the prior object, or nothing where one is to be created.
    #[must_use]
    pub fn new(before: Option<Stored<M, P>>) -> Self {
        Saved(Mutex::new(before))
    }

    /// Saves `object` in place of what was saved.
    pub fn set(&self, object: Stored<M, P>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(object);
    }

    /// Forgets the object: it does not exist (any more).
    pub fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// What is saved now.
    #[must_use]
    pub fn get(&self) -> Option<Stored<M, P>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
