//! Diagnostics, and requests that ended with an error among them.

use std::fmt;

use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::schema::{Block, read_path};
use super::{demand, rules};

/// What a provider said besides its answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diagnostics(Vec<proto::Diagnostic>);

impl Diagnostics {
    /// Holds diagnostics against the rules; they are a failure if one of them is an error.
    #[track_caller]
    pub(super) fn judge(rpc: &'static str, block: &Block, found: Vec<proto::Diagnostic>) -> Result<Self, Failure> {
        demand(rpc, rules::diagnostics(block, &found), &[]);
        let failed = found.iter().any(|diagnostic| diagnostic.severity() == proto::diagnostic::Severity::Error);
        let diagnostics = Self(found);
        if failed { Err(Failure { rpc, diagnostics }) } else { Ok(diagnostics) }
    }

    /// Some diagnostic has these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        let said = |diagnostic: &proto::Diagnostic| text(diagnostic).contains(words);
        assert!(self.0.iter().any(said), "nothing says {words:?}\n{self}");
        self
    }

    /// There is no diagnostic.
    #[track_caller]
    pub(crate) fn says_nothing(&self) {
        assert!(self.0.is_empty(), "there is something to say\n{self}");
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for diagnostic in &self.0 {
            let path = diagnostic.attribute.as_ref().and_then(read_path).map(|path| path.to_string());
            let severity = diagnostic.severity().as_str_name();
            writeln!(formatter, "{severity} at {:?}: {}", path.unwrap_or_default(), text(diagnostic))?;
        }
        Ok(())
    }
}

/// A request that was answered with an error.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    rpc: &'static str,
    diagnostics: Diagnostics,
}

impl Failure {
    /// It was this RPC that failed.
    #[track_caller]
    pub(crate) fn during(&self, rpc: &str) -> &Self {
        assert_eq!(self.rpc, rpc, "{self}");
        self
    }

    /// Some diagnostic has these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        self.diagnostics.says(words);
        self
    }

    /// Some diagnostic points at this place.
    #[track_caller]
    pub(crate) fn at(&self, path: &str) -> &Self {
        let points = |diagnostic: &proto::Diagnostic| {
            diagnostic.attribute.as_ref().and_then(read_path).is_some_and(|found| found.to_string() == path)
        };
        assert!(self.diagnostics.0.iter().any(points), "nothing points at {path}\n{self}");
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} failed\n{}", self.rpc, self.diagnostics)
    }
}

fn text(diagnostic: &proto::Diagnostic) -> String {
    format!("{}: {}", diagnostic.summary, diagnostic.detail)
}
