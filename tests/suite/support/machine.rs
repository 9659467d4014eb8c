//! What the machine must have for tests against real daemons and real command lines, looked for once. A machine that lacks
//! something gets a clear line and a running count; with `CI=true` that is a failure. Installing is `scripts/setup`'s part.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where distributions and the Zabbly packages put the daemon, which is on nobody's `PATH`.
const INCUSD_PLACES: &[&str] = &["/usr/libexec/incus/incusd", "/usr/lib/incus/incusd", "/opt/incus/lib/systemd/incusd"];

/// Commands the harness calls by name.
const COMMANDS: &[&str] = &["incus", "incus-simplestreams", "mksquashfs", "setsid", "tar", "xz"];

/// The binaries under test and around it.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) incusd: PathBuf,
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
        let incusd = chosen("INCUSD")
            .or_else(|| INCUSD_PLACES.iter().map(PathBuf::from).find(|place| place.exists()))
            .or_else(|| on_path("incusd"))
            .ok_or("`incusd` is missing; `scripts/setup test` installs it")?;
        let terraform = chosen("TERRAFORM")
            .or_else(|| on_path("terraform"))
            .or_else(|| on_path("tofu"))
            .ok_or("neither `terraform` nor `tofu` is on PATH")?;
        Ok(Self { incusd, terraform })
    }
}

fn chosen(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn on_path(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory: PathBuf| directory.join(command))
        .find(|file: &PathBuf| Path::exists(file))
}

fn could_not_run(missing: &str) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    assert!(std::env::var("CI").as_deref() != Ok("true"), "could not run: {missing}");
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    // Straight to the descriptor: the test runner shows captured output of failures only.
    writeln!(std::io::stderr(), "NOT RUN: {test}: {missing} ({count} not run so far)").expect("stderr is open");
}
