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

    /// Tells the user something although the request succeeds.
    pub fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(warning);
    }
}
