//! The source files of an image: which they are, and what they hash to. A file that is as it was is not read again.

use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::notes::{FileStamp, HashedFiles};
use super::source::expand;
use crate::incus::files::{hash, root_type};
use crate::incus::{Error, Files, Fingerprint};

/// The files that `source` and `rootfs` name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceFiles {
    source: PathBuf,
    rootfs: Option<PathBuf>,
}

/// What was found out about source files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// They are there, and hash to this.
    Hashed(HashedFiles, Fingerprint),
    /// One is not there.
    Missing(PathBuf),
}

impl SourceFiles {
    /// The files of a source path and a `rootfs` argument; where that is not set, a file beside the source with `.root` at its
    /// end is the root.
    pub(crate) async fn locate(source: PathBuf, rootfs: Option<&str>, home: Option<&Path>) -> SourceFiles {
        let rootfs = match rootfs {
            Some(rootfs) => Some(expand(rootfs, home)),
            None => {
                let beside = beside(&source);
                tokio::fs::try_exists(&beside).await.unwrap_or(false).then_some(beside)
            }
        };
        SourceFiles { source, rootfs }
    }

    /// The hash of the files; `noted` if they are still what it says.
    ///
    /// # Errors
    /// [`Error::File`] where one can't be read.
    pub(crate) async fn hash(&self, noted: Option<&HashedFiles>) -> Result<Found, Error> {
        let mut files = Vec::new();
        for path in self.paths() {
            match stamp(path).await {
                Ok(stamp) => files.push(stamp),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Missing(path.clone())),
                Err(source) => return Err(Error::File { path: path.clone(), source }),
            }
        }
        let unchanged = noted.filter(|noted| noted.files == files);
        if let Some((noted, Ok(fingerprint))) = unchanged.map(|noted| (noted, Fingerprint::parse(&noted.fingerprint))) {
            return Ok(Found::Hashed(noted.clone(), fingerprint));
        }
        let fingerprint = hash(&self.files().await?).await?.fingerprint;
        Ok(Found::Hashed(HashedFiles { files, fingerprint: fingerprint.to_string() }, fingerprint))
    }

    /// The files as they are to be uploaded.
    ///
    /// # Errors
    /// [`Error::File`] where the root file can't be read.
    pub(crate) async fn files(&self) -> Result<Files, Error> {
        match &self.rootfs {
            None => Ok(Files::Unified { path: self.source.clone() }),
            Some(rootfs) => Ok(Files::Split {
                metadata: self.source.clone(),
                rootfs: rootfs.clone(),
                root: root_type(rootfs).await?,
            }),
        }
    }

    /// The name that the server is to remember: that of the unified file or of the root file.
    pub(crate) fn filename(&self) -> Option<String> {
        let named = self.rootfs.as_ref().unwrap_or(&self.source).file_name()?;
        Some(named.to_string_lossy().into_owned())
    }

    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        std::iter::once(&self.source).chain(&self.rootfs)
    }
}

/// Where the root of a split image stands when `rootfs` says nothing, as `incus image export` writes it.
pub(crate) fn beside(source: &Path) -> PathBuf {
    let mut name = source.as_os_str().to_owned();
    name.push(".root");
    PathBuf::from(name)
}

/// What a file is known by.
///
/// # Errors
/// Where there is none, or it can't be looked at.
pub(crate) async fn stamp(path: &Path) -> io::Result<FileStamp> {
    let metadata = tokio::fs::metadata(path).await?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let modified = metadata.modified()?;
    // A file may be older than 1970.
    let modified = match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
    };
    Ok(FileStamp { path: path.to_owned(), size: metadata.len(), modified })
}
