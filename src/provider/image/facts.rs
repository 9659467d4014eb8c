//! What planning needs to know and only looking tells. Small enough to be found out again whenever it is asked for; the hash of
//! a file, which is not, is noted.

use std::path::PathBuf;

use super::files::{Found, SourceFiles};
use super::model::ImageModel;
use super::notes::Notes;
use super::plan::{Facts, SourceFact};
use super::source::SourceArgument;
use crate::provider::connections::{Connections, Place};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path;

/// The facts about a configuration, and the notes with the hash of its files.
pub(super) async fn gather(
    config: &ImageModel,
    proposed: &ImageModel,
    notes: Notes,
    connections: &Connections,
) -> Result<(Facts, Notes), Diagnostics> {
    let place = Place { remote: proposed.remote.clone(), project: proposed.project.clone() };
    let place = connections.resolve(place)?;
    let path = Path::attribute("source");
    let (source, hashed) = match source(config, connections)? {
        Some(SourceArgument::Remote { remote, .. }) => {
            if !connections.is_undecided(&remote) {
                connections.image_server(&remote, &path)?;
            }
            (SourceFact::Remote, None)
        }
        Some(SourceArgument::File(source)) if !config.rootfs.is_unknown() => {
            let files = locate(source, config, connections).await;
            match files.hash(notes.hashed.as_ref()).await {
                Ok(Found::Hashed(hashed, fingerprint)) => (SourceFact::Files(fingerprint), Some(hashed)),
                Ok(Found::Missing(file)) => (SourceFact::Missing(file), None),
                Err(error) => return Err(diagnose(&error).at(path).into()),
            }
        }
        Some(SourceArgument::File(_)) | None => (SourceFact::Nothing, None),
    };
    Ok((Facts { place, source }, Notes { hashed, ..notes }))
}

/// The notes on an image that is there, with its files hashed again if they changed. What can't be read stays as noted: an image
/// outlives the file it came from.
pub(super) async fn renewed(notes: Notes, state: &ImageModel, connections: &Connections) -> Notes {
    let Ok(Some(SourceArgument::File(source))) = source(state, connections) else { return notes };
    let hash = locate(source, state, connections).await.hash(notes.hashed.as_ref()).await;
    match hash {
        Ok(Found::Hashed(hashed, _)) => Notes { hashed: Some(hashed), ..notes },
        Ok(Found::Missing(_)) | Err(_) => notes,
    }
}

/// What the `source` argument means, if it is known.
pub(super) fn source(config: &ImageModel, connections: &Connections) -> Result<Option<SourceArgument>, Diagnostic> {
    let parsed = config.source.known().map(|source| SourceArgument::parse(source, connections.home().as_deref()));
    parsed
        .transpose()
        .map_err(|error| Diagnostic::error("Invalid argument", error.to_string()).at(Path::attribute("source")))
}

/// The files that `source` and the `rootfs` argument beside it name.
pub(super) async fn locate(source: PathBuf, config: &ImageModel, connections: &Connections) -> SourceFiles {
    let rootfs = config.rootfs.known().map(String::as_str);
    SourceFiles::locate(source, rootfs, connections.home().as_deref()).await
}
