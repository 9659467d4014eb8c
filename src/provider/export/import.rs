//! Bringing files under management that are there already. What is in them says which image they are of; where that is from is left
//! to the configuration.

use std::path::{Path, PathBuf};

use super::ExportResource;
use super::disk;
use super::model::ExportModel;
use super::notes::{Notes, WrittenFile};
use super::plan::files;
use crate::incus::files::hash;
use crate::incus::{Error, Files};
use crate::provider::image::files::{Found, SourceFiles};
use crate::provider::image::source::expand;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::resource::Object;
use crate::tfplugin::saved::Stored;

/// The export whose first file is at `text`.
pub(super) async fn import(text: &str, home: Option<&Path>) -> Result<Object<ExportResource>, Diagnostics> {
    let path = expand(text, home);
    if disk::is_directory(&path) {
        let detail = format!(
            "{text} is a directory, and does not tell which of its files are meant. Name the file, or the metadata half: an \
             export is known by it."
        );
        return Err(Diagnostic::error("Invalid import id", detail).into());
    }
    let found = SourceFiles::locate(path, None, home).await.hash(None).await?;
    let (hashed, fingerprint) = match found {
        Found::Hashed(hashed, fingerprint) => (hashed, fingerprint),
        Found::Missing(path) => {
            let detail = format!("There is no file {}. A path is relative to the working directory.", path.display());
            return Err(Diagnostic::error("No files to import", detail).into());
        }
    };
    let mut written = Vec::new();
    for stamp in hashed.files {
        let sha256 = content(stamp.path.clone()).await?;
        written.push(WrittenFile { stamp, sha256 });
    }
    let off = Attr::Known(false);
    let size: u64 = written.iter().map(|file| file.stamp.size).sum();
    let state = ExportModel {
        fingerprint: fingerprint.as_str().into(),
        path: text.into(),
        vm: off.clone(),
        overwrite: off.clone(),
        keep_on_destroy: off,
        files: Attr::Known(files(&written)),
        size: i64::try_from(size).ok().into(),
        ..ExportModel::default()
    };
    Ok(Stored { state, private: Notes { written, ..Notes::default() } })
}

async fn content(path: PathBuf) -> Result<String, Error> {
    Ok(hash(&Files::Unified { path }).await?.fingerprint.to_string())
}
