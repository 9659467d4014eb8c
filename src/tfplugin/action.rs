//! What an action is written with: something that is done once, when the user asks for it, and leaves no state.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::context::Context;
use super::diagnostic::Diagnostics;
use super::model::Model;

/// An action.
#[async_trait]
pub trait Action: Send + Sync + Sized + 'static {
    /// The arguments. There are no results.
    type Model: Model;

    /// The action type in HCL.
    const NAME: &'static str;

    /// Checks a configuration as far as it is known. Looks at nothing else.
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics);

    /// Looks, without doing anything, whether the action will be possible. The configuration may hold unknown values.
    ///
    /// # Errors
    /// Why it won't.
    async fn plan(&self, _config: Self::Model, _context: &mut Context) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// Does it. The configuration is wholly known. Never dropped half-way: when the user stops the run, or Terraform goes away,
    /// `context.stop` is cancelled.
    ///
    /// # Errors
    /// Why it was not done.
    async fn invoke(&self, config: Self::Model, progress: &Progress, context: &mut Context) -> Result<(), Diagnostics>;
}

/// What an action has come to.
#[derive(Debug)]
pub enum ActionEvent {
    /// It goes on; in a line, how far it is.
    Progress(String),
    /// It has ended, in success unless there is an error among these. Nothing comes after.
    Completed(Diagnostics),
}

/// Tells the user how far an action is.
#[derive(Debug, Clone)]
pub struct Progress(mpsc::Sender<ActionEvent>);

impl Progress {
    pub(super) fn new(events: mpsc::Sender<ActionEvent>) -> Progress {
        Progress(events)
    }

    /// Shows one line.
    pub async fn tell(&self, line: impl Into<String> + Send) {
        // Where nobody listens any more, nothing is lost.
        let _ = self.0.send(ActionEvent::Progress(line.into())).await;
    }
}
