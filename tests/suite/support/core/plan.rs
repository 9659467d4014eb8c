//! A plan that core accepted, and what a test demands of it.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::value::Value;

use super::failure::Diagnostics;
use super::literal;
use super::proposed::member;
use super::schema::Block;

/// What core is going to do with an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    NoOp,
    Create,
    Update,
    Replace,
}

/// The planned change of one instance.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(super) action: Action,
    pub(super) block: Block,
    pub(super) prior: Value,
    pub(super) planned: Value,
    pub(super) private: Vec<u8>,
    pub(super) replacing: Vec<Path>,
    pub(super) said: Diagnostics,
}

impl Plan {
    #[track_caller]
    pub(crate) fn is_noop(&self) -> &Self {
        self.is(Action::NoOp)
    }

    #[track_caller]
    pub(crate) fn is_create(&self) -> &Self {
        self.is(Action::Create)
    }

    #[track_caller]
    pub(crate) fn is_update(&self) -> &Self {
        self.is(Action::Update)
    }

    /// Replaces the object because of a change at this path.
    #[track_caller]
    pub(crate) fn replaces_for(&self, path: &str) -> &Self {
        self.is(Action::Replace);
        assert!(self.replacing.iter().any(|found| found.to_string() == path), "{path} is not why\n{self}");
        self
    }

    /// Plans this value, which may be [`UNKNOWN`](super::UNKNOWN), for an attribute.
    #[track_caller]
    #[allow(clippy::needless_pass_by_value)] // So that a literal can stand in its place.
    pub(crate) fn shows(&self, attribute: &str, wanted: impl Into<Json>) -> &Self {
        let wanted = literal::value(&self.block.attributes[attribute].ty, &wanted.into());
        assert_eq!(member(&self.planned, attribute), wanted, "{attribute}\n{self}");
        self
    }

    /// Some warning has these words.
    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        self.said.says(words);
        self
    }

    #[track_caller]
    fn is(&self, action: Action) -> &Self {
        assert_eq!(self.action, action, "{self}");
        self
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { action, prior, planned, replacing, said, .. } = self;
        let replacing: Vec<_> = replacing.iter().map(ToString::to_string).collect();
        writeln!(formatter, "{action:?}, replacing for {replacing:?}\n{said}")?;
        writeln!(formatter, "prior: {:#}\nplanned: {:#}", literal::json(prior), literal::json(planned))
    }
}
