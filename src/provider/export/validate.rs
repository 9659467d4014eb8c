//! What the configuration of an export must be, whatever is on servers and disks.

use std::fmt::Display;

use super::model::ExportModel;
use crate::incus::{Fingerprint, Project};
use crate::provider::image::timeouts::{Limited, duration};
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::{Path, Step};

/// Tells all that is wrong with `config`.
pub(super) fn validate(config: &ExportModel, diagnostics: &mut Diagnostics) {
    let mut refuse = |path: Path, why: &dyn Display| {
        diagnostics.push(Diagnostic::error("Invalid argument", why.to_string()).at(path));
    };
    match (config.alias.is_null(), config.fingerprint.is_null()) {
        (true, true) => refuse(Path::root(), &"`alias` or `fingerprint` must say which image is meant."),
        (false, false) => refuse(
            Path::attribute("fingerprint"),
            &"`alias` says which image is meant already, today and after it moves. Take out one of the two.",
        ),
        _ => {}
    }
    if let Some(Err(error)) = config.fingerprint.known().map(|digits| Fingerprint::parse(digits)) {
        let why = format_args!("{error}. `incus image info` shows the whole fingerprint.").to_string();
        refuse(Path::attribute("fingerprint"), &why);
    }
    if config.alias.known().is_some_and(String::is_empty) {
        refuse(Path::attribute("alias"), &"An alias has at least one letter.");
    }
    if config.path.known().is_some_and(String::is_empty) {
        refuse(Path::attribute("path"), &"A path is a file or a directory; this one is empty.");
    }
    if let Some(Err(error)) = config.project.known().map(|project| Project::parse(project)) {
        refuse(Path::attribute("project"), &format!("{error}."));
    }
    for step in Limited::ALL {
        let text = config.timeouts.as_ref().and_then(|timeouts| step.configured(timeouts).known());
        if let Some(Err(error)) = text.map(|text| duration(text)) {
            let path = Path::attribute("timeouts").then(Step::Attribute(step.argument().to_owned()));
            refuse(path, &error);
        }
    }
}
