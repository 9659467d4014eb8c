//! Removing the files of an export, as far as they are what was written.

use std::path::Path;

use super::condition::{self, Condition};
use super::disk;
use super::notes::WrittenFile;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path as AttributePath;

/// Removes `written`. What has other content by now is not ours, and stays; what `is_newer` is another export's.
pub(super) async fn remove(
    written: &[WrittenFile],
    is_newer: impl Fn(&WrittenFile) -> bool,
    context: &mut Context,
) -> Result<(), Diagnostics> {
    for file in written {
        let path = file.path();
        match condition::of(file).await.map_err(|error| diagnose(&error).at(AttributePath::attribute("path")))? {
            Condition::Missing => {}
            Condition::Same(now) if is_newer(&now) => {}
            Condition::Same(_) => disk::remove(path).map_err(|error| unremovable(path, &error))?,
            Condition::Other(_) => {
                let detail =
                    "It has other content than was written there. It stays, and is no longer under management.";
                context.warn(Diagnostic::warning(format!("{} was not removed", path.display()), detail));
            }
        }
    }
    Ok(())
}

/// The warning of a plan that destroys what it keeps.
pub(super) fn kept() -> Diagnostic {
    let detail = "They stay where they are and are only forgotten, because `keep_on_destroy` is set.";
    Diagnostic::warning("The files will not be removed", detail).at(AttributePath::attribute("keep_on_destroy"))
}

/// The warning of a plan that removes files, and may not get others in their place.
pub(super) fn at_stake(path: &str, obstacle: &Diagnostic) -> Diagnostic {
    let detail = format!(
        "They go before others are written, which may fail: {}. With create_before_destroy = true in `lifecycle`, they stay until \
         then.",
        obstacle.summary
    );
    Diagnostic::warning(format!("The files of {path} may be lost"), detail).at(AttributePath::attribute("path"))
}

fn unremovable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error(format!("Unable to remove {}", path.display()), format!("{error}."))
        .at(AttributePath::attribute("path"))
}
