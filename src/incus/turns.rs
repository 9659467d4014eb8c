//! Turns: of all that want the same thing in this process, one has it at a time. Other processes know nothing of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Who has which thing.
#[derive(Debug)]
pub struct Turns<Thing>(Mutex<HashMap<Thing, Arc<AsyncMutex<()>>>>);

/// A turn at a thing: until it is dropped, others wait.
pub type Turn = OwnedMutexGuard<()>;

impl<Thing: Eq + Hash> Turns<Thing> {
    /// Waits until nobody has the thing.
    pub async fn at(&self, thing: Thing) -> Turn {
        let turn = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(thing).or_default());
        turn.lock_owned().await
    }
}

impl<Thing> Default for Turns<Thing> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}
