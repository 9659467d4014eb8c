//! What accompanies every call on the traits.

use tokio_util::sync::CancellationToken;

use super::diagnostic::{Diagnostic, Diagnostics};

/// The surroundings of one request.
#[derive(Debug)]
pub struct Context {
    /// Cancelled when the user stops the run: end at the next point where nothing is lost.
    pub stop: CancellationToken,
    /// What the user should know although the request succeeds.
    pub warnings: Diagnostics,
}

impl Context {
    /// The surroundings of a request that `stop` ends.
    #[must_use]
    pub fn new(stop: CancellationToken) -> Context {
        Context { stop, warnings: Diagnostics::default() }
    }

    /// Tells the user something although the request succeeds: what would be an error elsewhere is a warning here.
    pub fn warn(&mut self, message: Diagnostic) {
        self.warnings.push(message.into_warning());
    }
}
