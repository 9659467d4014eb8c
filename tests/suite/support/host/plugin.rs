//! A process that was started, what it prints, and how it ended.

use std::process::ExitStatus;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::handshake::Handshake;
use super::log::LogLine;

/// How long anything may take that is not measured.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A process whose output is drained, so that it never waits for us.
pub(crate) struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: JoinHandle<String>,
}

/// How a process ended.
#[derive(Debug)]
pub(crate) struct Exit {
    pub(crate) status: ExitStatus,
    /// Time from when it was waited for.
    pub(crate) took: Duration,
    /// What nobody had read yet.
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Exit {
    /// Everything on stderr. All of it has to be hclog.
    pub(crate) fn log(&self) -> Vec<LogLine> {
        self.stderr.lines().map(LogLine::parse).collect()
    }
}

impl Running {
    pub(crate) fn new(mut child: Child) -> Self {
        let stdout = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut pipe = child.stderr.take().expect("stderr is piped");
        let stderr = tokio::spawn(async move {
            let mut text = String::new();
            pipe.read_to_string(&mut text).await.expect("stderr is UTF-8");
            text
        });
        Self { child, stdout, stderr }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    /// The next line on stdout, with its end.
    pub(crate) async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(TIMEOUT, self.stdout.read_line(&mut line)).await.expect("a line on stdout").expect("stdout is UTF-8");
        line
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill").args([&format!("-{name}"), &self.id().to_string()]).status();
        assert!(sent.expect("kill starts").success(), "{name} was not sent");
    }

    pub(crate) async fn exited(self) -> Exit {
        self.exited_within(TIMEOUT).await
    }

    /// Waits for the end of the process and of all that hold its stdout and stderr.
    pub(crate) async fn exited_within(mut self, limit: Duration) -> Exit {
        let start = Instant::now();
        let ended = async {
            let mut stdout = String::new();
            let status = self.child.wait().await.expect("the process can be waited for");
            let took = start.elapsed();
            self.stdout.read_to_string(&mut stdout).await.expect("stdout is UTF-8");
            let stderr = self.stderr.await.expect("stderr is UTF-8");
            Exit { status, took, stdout, stderr }
        };
        timeout(limit, ended).await.unwrap_or_else(|_| panic!("the process still runs after {limit:?}"))
    }
}

/// A plugin that has shaken hands.
pub(crate) struct Plugin {
    running: Running,
    handshake: Handshake,
}

impl Plugin {
    pub(crate) fn new(running: Running, line: &str) -> Self {
        Self { running, handshake: Handshake::parse(line) }
    }

    pub(crate) fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// Of the process that was started, which need not be the provider's own.
    pub(crate) fn id(&self) -> u32 {
        self.running.id()
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        self.running.signal(name);
    }

    pub(crate) async fn exited_within(self, limit: Duration) -> Exit {
        self.running.exited_within(limit).await
    }
}
