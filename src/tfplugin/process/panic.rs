//! Panics in the form that Terraform shows to users, even with logging off.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{PanicHookInfo, set_hook};

/// From here on a panic is written to stderr as Go would write it.
pub(super) fn install_hook() {
    set_hook(Box::new(|info| {
        let text = describe(info, &Backtrace::capture());
        let _ = io::stderr().write_all(text.as_bytes());
    }));
}

/// Terraform collects what follows a line that starts with `panic: ` and prints it when it exits.
fn describe(info: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let message = info.payload_as_str().unwrap_or("something that is not text");
    let mut text = format!("panic: {message}\n");
    if let Some(location) = info.location() {
        text.push_str(&format!("\nat {location}\n"));
    }
    // Captured only when RUST_BACKTRACE asks for it.
    if backtrace.status() == BacktraceStatus::Captured {
        text.push_str(&format!("{backtrace}\n"));
    }
    text
}
