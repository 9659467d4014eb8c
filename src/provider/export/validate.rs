//! What the configuration of an export must be, whatever is on servers and disks.

use super::model::ExportModel;
use crate::provider::diagnostics::refuse;
use crate::provider::image::timeouts;
use crate::provider::image::validate::{fingerprint, project};
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::path::Path;

/// Tells all that is wrong with `config`.
pub(super) fn validate(config: &ExportModel, diagnostics: &mut Diagnostics) {
    match (config.alias.is_null(), config.fingerprint.is_null()) {
        (true, true) => {
            refuse(diagnostics, Path::root(), "`alias` or `fingerprint` must say which image is meant.");
        }
        (false, false) => {
            let why = "`alias` says which image is meant already, today and after it moves. Take out one of the two.";
            refuse(diagnostics, Path::attribute("fingerprint"), why);
        }
        _ => {}
    }
    fingerprint(&config.fingerprint, diagnostics);
    if config.alias.known().is_some_and(String::is_empty) {
        refuse(diagnostics, Path::attribute("alias"), "An alias has at least one letter.");
    }
    if config.path.known().is_some_and(String::is_empty) {
        refuse(diagnostics, Path::attribute("path"), "A path is a file or a directory; this one is empty.");
    }
    project(&config.project, diagnostics);
    timeouts::validate(config.timeouts.as_ref(), diagnostics);
}
