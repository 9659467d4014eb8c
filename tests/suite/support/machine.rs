//! What the machine must have for tests against real daemons and real command lines, looked for once. A machine that lacks
//! something gets a clear line and a running count; with `CI=true` that is a failure. Installing is `scripts/setup`'s part.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Commands the harness calls by name.
const COMMANDS: &[&str] = &["incus", "incus-simplestreams", "mksquashfs", "setsid", "tar", "xz"];

/// The command line that tests drive: `TERRAFORM`, else `terraform`, else `tofu`.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) terraform: PathBuf,
}

impl Machine {
    /// The machine, or `None` after saying what is missing.
    ///
    /// # Panics
    /// When something is missing and `CI` is `true`.
    pub(crate) fn ready() -> Option<&'static Self> {
        static MACHINE: OnceLock<Result<Machine, String>> = OnceLock::new();
        match MACHINE.get_or_init(Self::look) {
            Ok(machine) => Some(machine),
            Err(missing) => {
                could_not_run(missing);
                None
            }
        }
    }

    fn look() -> Result<Self, String> {
        let owner = std::fs::metadata("/proc/self").map_err(|error| error.to_string())?.uid();
        if owner != 0 {
            return Err("a private incusd needs root".to_owned());
        }
        for command in COMMANDS {
            on_path(command).ok_or_else(|| format!("`{command}` is missing; `scripts/setup test` installs it"))?;
        }
        let daemon = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/find-incusd")).output();
        if !daemon.is_ok_and(|found| found.status.success()) {
            return Err("incusd is missing; `scripts/setup test` installs it".to_owned());
        }
        let terraform = std::env::var_os("TERRAFORM")
            .map(PathBuf::from)
            .or_else(|| on_path("terraform"))
            .or_else(|| on_path("tofu"))
            .ok_or("neither `terraform` nor `tofu` is on PATH")?;
        Ok(Self { terraform })
    }
}

/// Where a command is.
pub(super) fn on_path(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(command)).find(|file| file.exists())
}

fn could_not_run(missing: &str) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "could not run: {missing}");
    not_run(missing);
}

/// Says that a test does not run, and why. By itself that is no failure: a command line need not know what newer ones do.
pub(crate) fn not_run(missing: &str) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("NOT RUN: {test}: {missing} ({count} not run so far)\n");
    // Straight to the descriptor: the test runner shows captured output of failures only.
    std::io::stderr().write_all(line.as_bytes()).expect("stderr is open");
}
