//! A run of the command line that is still going on, so that a test can get in its way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::outcome::Outcome;

#[derive(Debug)]
pub(crate) struct Running {
    command: Command,
    child: Child,
    directory: PathBuf,
}

impl Running {
    /// `command`, started in a process group of its own.
    pub(super) fn new(mut command: Command, directory: &Path) -> Self {
        let child = command.spawn().expect("terraform or tofu");
        Self { command, child, directory: directory.to_owned() }
    }

    /// Ends the provider as a crash would: no chance to tidy up.
    #[track_caller]
    pub(crate) fn kill_provider(&self) {
        let providers = self.providers();
        assert!(!providers.is_empty(), "no provider is running");
        for provider in providers {
            signal("-KILL", &provider);
        }
    }

    /// What Ctrl-C does: every process in the foreground gets the signal.
    pub(crate) fn interrupt(&self) {
        signal("-INT", &format!("-{}", self.child.id()));
    }

    /// Waits for the end.
    pub(crate) fn ends(self) -> Outcome {
        let output = self.child.wait_with_output().expect("terraform or tofu");
        Outcome::new(&self.command, &output, &self.directory)
    }

    /// The process ids of the providers that the command line has started.
    fn providers(&self) -> Vec<String> {
        let parent = format!("PPid:\t{}\n", self.child.id());
        let processes = fs::read_dir("/proc").expect("/proc").flatten();
        let is_child = |process: &fs::DirEntry| {
            fs::read_to_string(process.path().join("status")).is_ok_and(|status| status.contains(&parent))
        };
        processes.filter(is_child).map(|process| process.file_name().to_string_lossy().into_owned()).collect()
    }
}

/// Waits until something is so.
#[track_caller]
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal to a process, or to a group of them where a `-` stands before its number.
pub(super) fn signal(signal: &str, process: &str) {
    let sent = Command::new("kill").args([signal, "--", process]).status().expect("kill");
    assert!(sent.success(), "kill {signal} {process}");
}
