//! What a run of `terraform` or `tofu` led to, and what tests demand of it. A demand that is not met shows the command, its
//! output and the configuration.

use std::fmt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::terraform::Workspace;

#[derive(Debug)]
pub(crate) struct Outcome {
    command: String,
    config: String,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Outcome {
    pub(super) fn new(command: &Command, output: &Output, directory: &Path) -> Self {
        Self {
            command: spelled(command),
            config: std::fs::read_to_string(directory.join("main.tf")).unwrap_or_default(),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn succeeds(&self) -> &Self {
        assert_eq!(self.code, Some(0), "should succeed{self}");
        self
    }

    /// Fails, and says this on the way. Line breaks and the frames that Terraform draws around errors do not matter.
    #[track_caller]
    pub(crate) fn fails_with(&self, text: &str) -> &Self {
        assert_eq!(self.code, Some(1), "should fail{self}");
        self.shows(text)
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.says(text), "should show {text:?}{self}");
        self
    }

    #[track_caller]
    pub(crate) fn does_not_show(&self, text: &str) -> &Self {
        assert!(!self.says(text), "should not show {text:?}{self}");
        self
    }

    /// The whole line with this text, which must stand on one line so that it can be copied from there.
    #[track_caller]
    pub(crate) fn line(&self, text: &str) -> &str {
        let line = self.stdout.lines().chain(self.stderr.lines()).find(|line| line.contains(text));
        line.unwrap_or_else(|| panic!("should have a line with {text:?}{self}"))
    }

    pub(crate) fn stdout(&self) -> &str {
        &self.stdout
    }

    pub(crate) fn stderr(&self) -> &str {
        &self.stderr
    }

    fn says(&self, text: &str) -> bool {
        let words = |text: &str| {
            let kept: Vec<_> = text.split(|letter: char| letter.is_whitespace() || "│╷╵".contains(letter)).collect();
            kept.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
        };
        words(&format!("{} {}", self.stdout, self.stderr)).contains(&words(text))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { command, config, code, stdout, stderr } = self;
        write!(formatter, "\n--- {command}\nexit code {code:?}\n{stdout}{stderr}\n--- main.tf\n{config}\n---")
    }
}

/// As one would type it.
fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The outcome of `terraform plan`.
#[derive(Debug)]
pub(crate) struct Plan<'workspace> {
    outcome: Outcome,
    workspace: &'workspace Workspace,
}

impl<'workspace> Plan<'workspace> {
    pub(super) fn new(outcome: Outcome, workspace: &'workspace Workspace) -> Self {
        Self { outcome, workspace }
    }

    /// Nothing would change.
    #[track_caller]
    pub(crate) fn is_empty(&self) {
        assert_eq!(self.outcome.code, Some(0), "the plan should be empty{}", self.outcome);
    }

    /// Whether nothing would change.
    pub(crate) fn changes_nothing(&self) -> bool {
        self.outcome.code == Some(0)
    }

    #[track_caller]
    pub(crate) fn creates(&self, address: &str) -> &Self {
        self.does(address, &["create"])
    }

    #[track_caller]
    pub(crate) fn updates(&self, address: &str) -> &Self {
        self.does(address, &["update"])
    }

    #[track_caller]
    pub(crate) fn replaces(&self, address: &str) -> &Self {
        self.does(address, &["delete", "create"])
    }

    #[track_caller]
    pub(crate) fn deletes(&self, address: &str) -> &Self {
        self.does(address, &["delete"])
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        self.outcome.shows(text);
        self
    }

    #[track_caller]
    pub(crate) fn fails_with(&self, text: &str) -> &Outcome {
        self.outcome.fails_with(text)
    }

    /// The planned change of a resource: `before`, `after`, `after_unknown`, `actions`.
    #[track_caller]
    pub(crate) fn change(&self, address: &str) -> Value {
        assert!(matches!(self.outcome.code, Some(0 | 2)), "the plan should succeed{}", self.outcome);
        let planned = self.workspace.planned();
        let changes = planned["resource_changes"].as_array();
        let found = changes.and_then(|all| all.iter().find(|change| change["address"] == address));
        found.map(|change| change["change"].clone()).unwrap_or_default()
    }

    #[track_caller]
    fn does(&self, address: &str, actions: &[&str]) -> &Self {
        assert_eq!(self.change(address)["actions"], Value::from(actions), "of {address}{}", self.outcome);
        self
    }
}
