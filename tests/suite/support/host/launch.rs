//! How a plugin is started: as Terraform does it, and the ways that differ.

use std::ffi::OsStr;
use std::hash::{BuildHasher, RandomState};
use std::process::Stdio;

use tokio::process::Command;

use super::plugin::{Exit, Plugin, Running};

/// The binary under test.
const PROVIDER: &str = env!("CARGO_BIN_EXE_terraform-provider-incus");

/// What Terraform puts into `TF_PLUGIN_MAGIC_COOKIE`.
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// A start to be.
pub(crate) struct Launch(Command);

impl Launch {
    /// With everything that Terraform sets, and mutual TLS.
    pub(crate) fn as_terraform() -> Self {
        Self::of(Command::new(PROVIDER)).terraform_environment()
    }

    /// As Terraform, with a process between it and the provider that can be killed.
    pub(crate) fn through_a_parent() -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "\"$0\" & wait", PROVIDER]);
        Self::of(shell).terraform_environment()
    }

    /// As a person does it in a terminal.
    pub(crate) fn by_hand(arguments: &[&str]) -> Self {
        let mut command = Command::new(PROVIDER);
        command.args(arguments);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        // What the tests' own environment says must not decide.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("TF_") || name.starts_with("PLUGIN_")) {
                command.env_remove(name);
            }
        }
        Self(command)
    }

    fn terraform_environment(self) -> Self {
        // Terraform offers its versions in random order.
        let versions = if RandomState::new().hash_one(()).is_multiple_of(2) { "5,6" } else { "6,5" };
        self.env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
            .env("PLUGIN_PROTOCOL_VERSIONS", versions)
            .env("PLUGIN_MIN_PORT", "10000")
            .env("PLUGIN_MAX_PORT", "25000")
            .env("PLUGIN_CLIENT_CERT", include_str!("../../fixtures/host_certificate.pem"))
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Leaves a variable out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.env_remove(name);
        self
    }

    /// Starts the process and waits for its handshake.
    pub(crate) async fn spawn(self) -> Plugin {
        let mut running = self.start();
        let line = running.line().await;
        Plugin::new(running, &line)
    }

    /// Starts a process that owes no handshake.
    pub(crate) fn start(mut self) -> Running {
        Running::new(self.0.spawn().expect("the provider starts"))
    }

    /// Starts a process that ends by itself.
    pub(crate) async fn run(self) -> Exit {
        self.start().exited().await
    }
}
