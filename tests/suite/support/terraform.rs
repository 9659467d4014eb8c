//! A workspace: a directory with a configuration, and the real `terraform` or `tofu` run in it with the provider just built.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::machine::not_run;
use super::outcome::{Outcome, Plan};
use super::running::Running;

const VERSIONS: &str = r#"terraform {
  required_providers {
    incus = { source = "crystian/incus" }
  }
}
"#;

const PLAN_FILE: &str = "next.tfplan";

#[derive(Debug)]
pub(crate) struct Workspace {
    program: &'static Path,
    directory: PathBuf,
    environment: Vec<(String, OsString)>,
}

impl Workspace {
    pub(crate) fn create(
        program: &'static Path,
        directory: PathBuf,
        environment: Vec<(String, OsString)>,
        config: &str,
    ) -> Self {
        fs::create_dir(&directory).expect("a workspace");
        fs::write(directory.join("versions.tf"), VERSIONS).expect("versions.tf");
        fs::write(directory.join("cli.tfrc"), cli_configuration()).expect("cli.tfrc");
        let workspace = Self { program, directory, environment }
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_CLI_CONFIG_FILE", "cli.tfrc")
            .env("TF_IN_AUTOMATION", "1");
        workspace.config(config);
        workspace
    }

    /// Sets a variable for every following run.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Replaces the configuration.
    pub(crate) fn config(&self, config: &str) -> &Self {
        self.write("main.tf", config)
    }

    /// Writes another file beside the configuration.
    pub(crate) fn write(&self, name: &str, content: &str) -> &Self {
        fs::write(self.directory.join(name), content).expect("a file");
        self
    }

    /// Whether the command line has `query` and actions, which came together and not to each product. If not, it is said that the
    /// test does not run.
    pub(crate) fn knows_query_and_actions(&self) -> bool {
        let help = Command::new(self.program).args(["query", "-help"]).output().expect("the command line runs");
        if !help.status.success() {
            not_run(&format!("{} has neither `query` nor actions", self.program.display()));
        }
        help.status.success()
    }

    #[track_caller]
    pub(crate) fn plan(&self) -> Plan<'_> {
        let outcome = self.run(["plan", "-input=false", "-no-color", "-detailed-exitcode", "-out", PLAN_FILE]);
        Plan::new(outcome, self)
    }

    #[track_caller]
    pub(crate) fn apply(&self) -> Outcome {
        self.run(["apply", "-input=false", "-no-color", "-auto-approve"])
    }

    /// Applies, and then nothing is left to do.
    #[track_caller]
    pub(crate) fn settles(&self) -> Outcome {
        let applied = self.apply();
        applied.succeeds();
        self.plan().is_empty();
        applied
    }

    #[track_caller]
    pub(crate) fn destroy(&self) -> Outcome {
        self.run(["destroy", "-input=false", "-no-color", "-auto-approve"])
    }

    #[track_caller]
    pub(crate) fn import(&self, address: &str, id: &str) -> Outcome {
        self.run(["import", "-input=false", "-no-color", address, id])
    }

    #[track_caller]
    pub(crate) fn validate(&self) -> Outcome {
        self.run(["validate", "-no-color"])
    }

    /// What the state holds of a resource or data source: its attributes, or null where the state has no such address.
    #[track_caller]
    pub(crate) fn state(&self, address: &str) -> Value {
        let state = self.show(&[]);
        let resources = state.pointer("/values/root_module/resources").and_then(Value::as_array);
        let found = resources.and_then(|all| all.iter().find(|resource| resource["address"] == address));
        found.map(|resource| resource["values"].clone()).unwrap_or_default()
    }

    /// The values of the outputs, by name.
    #[track_caller]
    pub(crate) fn outputs(&self) -> Value {
        let state = self.show(&[]);
        let outputs = state["values"]["outputs"].as_object().cloned().unwrap_or_default();
        outputs.into_iter().map(|(name, output)| (name, output["value"].clone())).collect()
    }

    /// The path of a file beside the configuration.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Any other command.
    #[track_caller]
    pub(crate) fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Outcome {
        let mut command = self.command(arguments);
        // A group of its own, so that a test can interrupt it as a terminal would.
        let output = command.process_group(0).output().expect("terraform or tofu");
        Outcome::new(&command, &output, &self.directory)
    }

    /// An `apply` that goes on while the test does something else.
    pub(crate) fn start_apply(&self) -> Running {
        let mut command = self.command(["apply", "-input=false", "-no-color", "-auto-approve"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        Running::new(command, &self.directory)
    }

    fn command<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Command {
        let mut command = Command::new(self.program);
        command.args(arguments).current_dir(&self.directory).env_clear().envs(self.environment.iter().cloned());
        command
    }

    /// The plan made last, in Terraform's JSON form.
    #[track_caller]
    pub(super) fn planned(&self) -> Value {
        self.show(&[PLAN_FILE])
    }

    #[track_caller]
    fn show(&self, arguments: &[&str]) -> Value {
        let outcome = self.run(["show", "-json"].iter().chain(arguments));
        outcome.succeeds();
        serde_json::from_str(outcome.stdout()).expect("JSON of terraform show")
    }
}

/// Points at the directory of the provider under test; nothing is installed, and `init` is not needed.
fn cli_configuration() -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_terraform-provider-incus"));
    let directory = binary.parent().expect("a directory");
    format!(
        "provider_installation {{\n  dev_overrides {{\n    \"crystian/incus\" = \"{}\"\n  }}\n  direct {{}}\n}}\n",
        directory.display()
    )
}
