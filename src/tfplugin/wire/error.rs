//! What can be wrong with bytes from the wire.

use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;
use crate::tfplugin::path::Step;

/// A value that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not MessagePack at all.
    #[error("not a MessagePack value: {0}")]
    MessagePack(rmpv::decode::Error),
    /// Not JSON at all.
    #[error("not a JSON value: {0}")]
    Json(serde_json::Error),
    /// Another type than the schema says.
    #[error("{}{expected} expected", place(.path))]
    Type {
        /// Where.
        path: Path,
        /// What the schema says.
        expected: &'static str,
    },
}

impl DecodeError {
    pub(super) fn expected(expected: &'static str) -> DecodeError {
        DecodeError::Type { path: Path::root(), expected }
    }

    /// The same, seen from one step further out.
    pub(super) fn within(self, step: impl FnOnce() -> Step) -> DecodeError {
        match self {
            DecodeError::Type { path, expected } => DecodeError::Type { path: path.within(step()), expected },
            other => other,
        }
    }
}

impl From<DecodeError> for Diagnostic {
    fn from(error: DecodeError) -> Diagnostic {
        let diagnostic = Diagnostic::error("Unable to read a value that Terraform sent", format!("{error}."));
        match error {
            DecodeError::Type { path, .. } => diagnostic.at(path),
            DecodeError::MessagePack(_) | DecodeError::Json(_) => diagnostic,
        }
    }
}

fn place(path: &Path) -> String {
    if *path == Path::root() { String::new() } else { format!("{path}: ") }
}
