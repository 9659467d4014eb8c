//! Errors of Incus's side, as the user reads them: one line that says what could not be done; the server's words; what to do.

use std::error::Error as StdError;
use std::fmt::Display;

use super::contact;
use crate::incus::Error;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// Tells about an error, its causes and, where there is something to do about it, what.
pub(super) fn diagnose(error: &Error) -> Diagnostic {
    match error {
        Error::Contact(error) => contact::diagnose(error),
        Error::Unreachable { address, obstacle, .. } => {
            Diagnostic::error("Unable to reach Incus", format!("{address}: {obstacle}.{}", causes(error)))
        }
        Error::Interrupted { what, address, .. } => Diagnostic::error(
            format!("Unable to {what}"),
            format!("The connection to {address} broke. Apply again: what is there by then is found.{}", causes(error)),
        ),
        Error::Server { what, address, status, message } => Diagnostic::error(
            format!("Unable to {what}"),
            format!("{address} answers: {message} (status {status}).{}", remedy(*status, message)),
        ),
        Error::Operation { what, address, message, .. } => Diagnostic::error(
            format!("Unable to {what}"),
            format!("{address} answers: {message}.{}", remedy(0, message)),
        ),
        Error::File { path, source } => Diagnostic::error(
            format!("Unable to read {}", path.display()),
            format!("{source}. Check the path; it is relative to the working directory."),
        ),
        other => {
            let detail = format!("{}{}", next(other), causes(other));
            Diagnostic::error(other.to_string(), detail.trim_start())
        }
    }
}

/// So that `?` tells about an error.
impl From<Error> for Diagnostic {
    fn from(error: Error) -> Diagnostic {
        diagnose(&error)
    }
}

/// The same where several things may be told.
impl From<Error> for Diagnostics {
    fn from(error: Error) -> Diagnostics {
        diagnose(&error).into()
    }
}

/// What to do where the error itself says all that there is to be said.
fn next(error: &Error) -> &'static str {
    match error {
        Error::Changed { .. } => "Nothing of that was overwritten. Plan and apply again.",
        Error::Stopped { .. } => "Apply again to go on.",
        Error::Oci { .. } => "A server would refuse it. Use mode = \"pull\".",
        Error::Decode { .. } => "Is that an Incus server, and is nothing in between that answers in its place?",
        _ => "",
    }
}

/// Tells about any error as the reason for `summary`.
pub(super) fn explain(summary: &str, error: &dyn StdError) -> Diagnostic {
    Diagnostic::error(summary, format!("{}{}", sentence(error), causes(error)))
}

/// The warning of a refresh that can't ask the server: what the provider's configuration says of it is not wholly known.
pub(super) fn undecided() -> Diagnostic {
    let detail = "The provider's configuration depends on something that is yet to be made, so it can't be said which server is meant. \
                  Until then, what was seen there last counts.";
    Diagnostic::warning("The remote is not known yet", detail).at(Path::attribute("remote"))
}

/// Tells what is wrong with the argument at `path`.
pub(super) fn refuse(diagnostics: &mut Diagnostics, path: Path, why: impl Display) {
    diagnostics.push(Diagnostic::error("Invalid argument", why.to_string()).at(path));
}

/// What the layers of the HTTP client say in passing; what lies below them is the cause.
const LAYERS: &[&str] =
    &["error sending request", "client error (Connect)", "tcp connect error", "dns error", "error resolving DNS"];

/// The chain of causes behind an error, outermost first, without those that say nothing new.
pub(super) fn causes(error: &dyn StdError) -> String {
    let mut text = String::new();
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        let is_layer = LAYERS.contains(&words.as_str()) && error.source().is_some();
        if !is_layer && !told.contains(&words) {
            text.push_str(&format!("\nCaused by: {}", sentence(&words)));
            told = words;
        }
        cause = error.source();
    }
    text
}

/// The words with a full stop at their end, unless they have one.
fn sentence(words: &dyn Display) -> String {
    let words = words.to_string();
    if words.ends_with(['.', '?', '!']) { words } else { words + "." }
}

/// What to do about an answer of the server.
fn remedy(status: u16, message: &str) -> &'static str {
    if status == 403 || message.contains("not have permission") {
        " The server lets this client do less than that: it is restricted to some projects, or was trusted once and is no longer. \
         `incus config trust list` on the server shows it, and `incus config trust edit` changes it."
    } else if message.contains("no longer knows the operation") || message.contains("can't be asked any more") {
        " The operation is lost. Apply again: what it has made by then is found."
    } else if message.contains("Missing event connection") || message.contains("isn't ready yet") {
        " The server is starting, or a member of its cluster is gone. `incus cluster list` shows it. Apply again: what is there by \
         then is found."
    } else if message.contains("certificate signed by unknown authority") {
        " The Incus server does not trust the image server: its certificate must come from an authority that the machine of \
         the Incus server knows."
    } else if message.contains("requested image couldn't be found") {
        " Check `source` and `fingerprint`. With `mode = \"relay\"` the image comes through the provider, which reads the image server's \
         index itself: the Incus server trusts its copy of that for an hour."
    } else if message.contains("Unauthenticated image queries") {
        " The remote is public, so the server does not know this client. Look in the project default, or take `public` out of the remote."
    } else if message.contains("Project not found") {
        " Create the project first, or name another one."
    } else if message.contains("Incus-Image-") {
        " Without `fingerprint`, the web server must answer with the headers Incus-Image-Hash and Incus-Image-URL. Give the \
         SHA-256 of the file as `fingerprint` to fetch it from any web server."
    } else if message.contains("Hash mismatch") {
        " The file there has other content than `fingerprint` says."
    } else if message.contains("Instance not found") {
        " Create the instance first, or correct `source_instance`."
    } else if message.contains("Cannot export a running instance") {
        " Stop the instance, or publish a snapshot of it."
    } else if message.contains("fingerprints don't match") {
        " The file changed since it was planned: plan again."
    } else if message.contains("Profile") && message.contains("doesn't exist") {
        " Create the profile first, or take it out of `profiles`."
    } else if message.contains("quota") || message.contains("exceeds allowed") {
        " Free some space in the project, or raise its limits.disk."
    } else if message.contains("connection refused") || message.contains("no such host") {
        " The Incus server must be able to reach the image server."
    } else if message.contains("Unsupported compression") {
        " The file is no image that Incus can read."
    } else if message.contains("Invalid instance type") {
        " This is the metadata half of a split image: give the other half as `rootfs`."
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incus::Fingerprint;

    #[test]
    fn what_was_lost_is_found_by_the_next_apply() {
        let told = |message: &str| remedy(500, message);
        for message in
            ["the server no longer knows the operation; was it restarted?", "it can't be asked any more (gone)"]
        {
            assert!(told(message).contains("what it has made by then is found"), "{message}");
        }
        for message in ["Missing event connection with target cluster member", "Server isn't ready yet"] {
            assert!(
                told(message).contains("a member of its cluster is gone. `incus cluster list` shows it"),
                "{message}"
            );
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Link {
        words: &'static str,
        source: Option<Box<Link>>,
    }

    fn chain(words: &[&'static str]) -> Link {
        let (first, rest) = words.split_first().unwrap_or((&"", &[]));
        Link { words: first, source: (!rest.is_empty()).then(|| Box::new(chain(rest))) }
    }

    #[test]
    fn what_others_changed_is_not_lost() {
        let thing = "image 0123".to_owned();
        let told = diagnose(&Error::Changed { thing, address: "unix://".to_owned() });
        assert_eq!(told.summary, "The image 0123 on unix:// was changed by somebody else in the meantime");
        assert_eq!(told.detail, "Nothing of that was overwritten. Plan and apply again.");
    }

    #[test]
    fn an_oci_image_is_to_be_pulled() {
        let (fingerprint, address) = (Fingerprint::parse(&"ab".repeat(32)), "https://far".to_owned());
        let told = fingerprint.map(|fingerprint| diagnose(&Error::Oci { fingerprint, address }));
        let detail = told.map(|told| told.detail);
        assert_eq!(detail.as_deref(), Ok("A server would refuse it. Use mode = \"pull\"."));
    }

    #[test]
    fn an_error_is_explained_by_what_its_causes_add() {
        let told = |words: &[&'static str]| explain("Unable to go on", &chain(words)).detail;
        assert_eq!(told(&["it is dark"]), "it is dark.");
        assert_eq!(told(&["Is it dark?"]), "Is it dark?");
        assert_eq!(told(&["it is dark: no moon", "no moon", "clouds"]), "it is dark: no moon.\nCaused by: clouds.");
        let refused = ["no connection", "client error (Connect)", "tcp connect error", "Connection refused"];
        assert_eq!(told(&refused), "no connection.\nCaused by: Connection refused.");
        assert_eq!(told(&["no connection", "dns error"]), "no connection.\nCaused by: dns error.");
    }
}
