//! Asks the program that knows the credentials for a registry, as the `incus` client does. Not for remembering what it says.

use std::io::{self, ErrorKind};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::incus::registry::InvalidCredentials;
use crate::incus::{RegistryCredentials, ServerUrl};

/// It may have to unlock something.
const LIMIT: Duration = Duration::from_secs(60);

/// Why a program gave no credentials. What it said is left out: that may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum HelperError {
    /// It can't be run.
    #[error("unable to run {program}")]
    Unusable {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// It fails.
    #[error("{program} fails for {host}: {status}")]
    Failed {
        /// The program.
        program: String,
        /// The registry.
        host: String,
        /// How it ended.
        status: ExitStatus,
    },
    /// It does not end.
    #[error("{program} does not answer within {} seconds", LIMIT.as_secs())]
    Silent {
        /// The program.
        program: String,
    },
    /// It says something else.
    #[error("the answer of {program} for {host} is not understood: {source}")]
    Misunderstood {
        /// The program.
        program: String,
        /// The registry.
        host: String,
        /// What is wrong with it.
        source: InvalidCredentials,
    },
}

/// What `program get` says about the registry.
pub(crate) async fn credentials(program: &str, registry: &ServerUrl) -> Result<RegistryCredentials, HelperError> {
    let host = registry.authority();
    let unusable = |source| HelperError::Unusable { program: program.to_owned(), source };
    let run = async {
        let mut helper = Command::new(program)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut input) = helper.stdin.take() {
            match input.write_all(host.as_bytes()).await {
                // One that knows a single registry need not read which one is meant.
                Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error),
                _ => {}
            }
        }
        helper.wait_with_output().await
    };
    let output = tokio::time::timeout(LIMIT, run).await;
    let output = output.map_err(|_| HelperError::Silent { program: program.to_owned() })?.map_err(unusable)?;
    let (program, host) = (program.to_owned(), host.to_owned());
    if !output.status.success() {
        return Err(HelperError::Failed { program, host, status: output.status });
    }
    RegistryCredentials::parse(&output.stdout).map_err(|source| HelperError::Misunderstood { program, host, source })
}
