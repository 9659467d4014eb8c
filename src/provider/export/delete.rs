//! Removing the files of an export, as far as they are what was written.

use std::io::ErrorKind;
use std::path::Path;

use super::condition::{self, Condition};
use super::disk;
use super::model::ExportModel;
use super::notes::{Notes, WrittenFile};
use crate::incus::files::hash;
use crate::incus::{Error, Files, Fingerprint, ImageType};
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
            Condition::Other(_) => context.warn(left(path)),
        }
    }
    Ok(())
}

/// The files that an object without notes may remove: those that its state names, where together they are the image. A state can't
/// tell what was written from what others have put there since.
pub(super) async fn verified(state: &ExportModel, context: &mut Context) -> Result<Vec<WrittenFile>, Diagnostics> {
    let written = Notes::default().recorded(state);
    let files = match written.as_slice() {
        [only] => Files::Unified { path: only.path().clone() },
        // What it is the root of does not matter here.
        [metadata, root] => {
            Files::Split { metadata: metadata.path().clone(), rootfs: root.path().clone(), root: ImageType::Container }
        }
        _ => return Ok(written),
    };
    let content = match hash(&files).await {
        Err(Error::File { source, .. }) if source.kind() == ErrorKind::NotFound => None,
        hashed => Some(hashed.map_err(|error| diagnose(&error).at(AttributePath::attribute("path")))?.fingerprint),
    };
    if content.as_ref().map(Fingerprint::as_str) == state.fingerprint.known().map(String::as_str) {
        return Ok(written);
    }
    written.iter().filter(|file| file.path().exists()).for_each(|file| context.warn(left(file.path())));
    Ok(Vec::new())
}

fn left(path: &Path) -> Diagnostic {
    let detail = "It has other content than was written there. It stays, and is no longer under management.";
    Diagnostic::warning(format!("{} was not removed", path.display()), detail)
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
