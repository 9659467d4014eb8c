//! A broken rule: which one, where, and the values that break it.

use std::fmt;

use terraform_provider_incus::tfplugin::path::{Path, Step};

/// One rule that an answer breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    pub(crate) rule: &'static str,
    pub(crate) path: Path,
    pub(crate) detail: String,
}

impl Breach {
    pub(crate) fn new(rule: &'static str, path: &Path, detail: impl Into<String>) -> Self {
        Self { rule, path: path.clone(), detail: detail.into() }
    }

    /// Of an answer as a whole.
    pub(crate) fn of_all(rule: &'static str, detail: impl Into<String>) -> Self {
        Self::new(rule, &Path::root(), detail)
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.steps() {
            [] => write!(formatter, "{}: {}", self.rule, self.detail),
            _ => write!(formatter, "{}: {}: {}", self.rule, self.path, self.detail),
        }
    }
}

/// The path one step into a map or an object. Attributes and map keys look alike in a value; the outermost level is
/// always an object.
pub(crate) fn member(path: &Path, name: &str) -> Path {
    path.clone().then(match path.steps() {
        [] => Step::Attribute(name.to_owned()),
        _ => Step::Key(name.to_owned()),
    })
}

/// The path of a list's element.
pub(crate) fn element(path: &Path, index: usize) -> Path {
    path.clone().then(Step::Index(i64::try_from(index).expect("a short list")))
}
