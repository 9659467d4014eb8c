//! Panics in the form that Terraform shows to users, even with logging off.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write};
use std::panic::{Location, set_hook};

/// From here on a panic is written to stderr as Go would write it.
pub(super) fn install_hook() {
    set_hook(Box::new(|info| {
        let text = describe(message(info.payload()), info.location(), &Backtrace::capture());
        let _ = io::stderr().write_all(text.as_bytes());
    }));
}

/// A panic with arguments to format carries a `String`, one without carries a literal.
pub(in crate::tfplugin) fn message(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref().copied()).unwrap_or("the message is not text")
}

/// Terraform collects what follows a line that starts with `panic: `, and prints it when it exits.
fn describe(message: &str, location: Option<&Location<'_>>, backtrace: &Backtrace) -> String {
    let location = location.map_or_else(String::new, |location| format!("\nat {location}\n"));
    // Captured only when RUST_BACKTRACE asks for it.
    match backtrace.status() {
        BacktraceStatus::Captured => format!("panic: {message}\n{location}{backtrace}\n"),
        _ => format!("panic: {message}\n{location}"),
    }
}

#[cfg(test)]
mod tests {
    use std::backtrace::Backtrace;
    use std::panic::Location;

    use super::{describe, message};

    #[test]
    fn the_message_is_found_in_whatever_panic_carries() {
        assert_eq!(message(&"literal"), "literal");
        assert_eq!(message(&"formatted".to_owned()), "formatted");
        assert_eq!(message(&7), "the message is not text");
    }

    #[test]
    fn the_first_line_is_one_that_terraform_looks_for() {
        let location = Location::caller();
        assert_eq!(
            describe("no such image", Some(location), &Backtrace::disabled()),
            format!("panic: no such image\n\nat {location}\n")
        );
        assert!(describe("again", None, &Backtrace::force_capture()).starts_with("panic: again\n"));
    }
}
