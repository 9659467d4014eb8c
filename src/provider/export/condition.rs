//! What has become of the files of an export. A file that looks as it did when it was written is not read again.

use super::disk;
use super::notes::WrittenFile;
use crate::incus::files::hash;
use crate::incus::{Error, Files};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::path::Path;

/// What has become of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// It has the content that was written, and is known by this now.
    Same(WrittenFile),
    /// It has this content.
    Other(WrittenFile),
    /// It is gone.
    Missing,
}

impl Condition {
    /// The file as it is now.
    pub(super) fn file(&self) -> Option<&WrittenFile> {
        match self {
            Condition::Same(file) | Condition::Other(file) => Some(file),
            Condition::Missing => None,
        }
    }
}

/// What has become of each of the files.
///
/// # Errors
/// Where one can't be read.
pub(super) async fn of_all(written: &[WrittenFile]) -> Result<Vec<Condition>, Diagnostic> {
    let mut conditions = Vec::with_capacity(written.len());
    for file in written {
        let condition = of(file).await.map_err(|error| diagnose(&error).at(Path::attribute("path")))?;
        conditions.push(condition);
    }
    Ok(conditions)
}

/// Whether all of the files have the content that was written.
pub(super) fn is_whole(conditions: &[Condition]) -> bool {
    !conditions.is_empty() && conditions.iter().all(|condition| matches!(condition, Condition::Same(_)))
}

/// What has become of a file.
pub(super) async fn of(written: &WrittenFile) -> Result<Condition, Error> {
    let path = written.path();
    let failed = |source| Error::File { path: path.clone(), source };
    let stamp = match disk::look(path).await {
        Ok(Some(stamp)) => stamp,
        Ok(None) => return Ok(Condition::Missing),
        // What is a directory now is not the file any more.
        Err(error) if error.kind() == std::io::ErrorKind::IsADirectory => return Ok(Condition::Missing),
        Err(error) => return Err(failed(error)),
    };
    if stamp == written.stamp {
        return Ok(Condition::Same(written.clone()));
    }
    let sha256 = hash(&Files::Unified { path: path.clone() }).await?.fingerprint.to_string();
    let is_same = sha256 == written.sha256 && stamp.size == written.stamp.size;
    let now = WrittenFile { stamp, sha256 };
    Ok(if is_same { Condition::Same(now) } else { Condition::Other(now) })
}
