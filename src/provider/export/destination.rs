//! Where the files of an export go, and what they are called. Nothing is looked at here.

use std::path::{Path, PathBuf};

use crate::incus::{FileHead, Fingerprint, Half};
use crate::provider::image::files::beside;

/// Where an export goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    /// This file, and for the root half the one beside it.
    File(PathBuf),
    /// Files of the server's names in this directory.
    Directory(PathBuf),
}

/// A name that can't be given to a file here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("The server calls a file of the image {0:?}, which is no name for a file here. Give a file as `path`.")]
pub(crate) struct UnsafeName(String);

impl Destination {
    /// The directory that the files go to.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Destination::Directory(folder) => folder,
            Destination::File(path) => match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            },
        }
    }

    /// What a file of the image becomes.
    ///
    /// # Errors
    /// [`UnsafeName`] where the server's name for it leads somewhere else.
    pub(crate) fn target(&self, head: &FileHead, fingerprint: &Fingerprint) -> Result<PathBuf, UnsafeName> {
        let (folder, name) = match (self, &head.name) {
            (Destination::File(path), _) => return Ok(in_halves(path, head.half)),
            (Destination::Directory(folder), None) => {
                return Ok(in_halves(&folder.join(fingerprint.as_str()), head.half));
            }
            (Destination::Directory(folder), Some(name)) => (folder, name),
        };
        let last = name.rsplit('/').next().unwrap_or_default();
        let is_odd = |letter: char| letter.is_control() || letter == '\\';
        match last.is_empty() || last.starts_with('.') || last.contains(is_odd) {
            true => Err(UnsafeName(name.clone())),
            false => Ok(folder.join(last)),
        }
    }
}

fn in_halves(path: &Path, half: Half) -> PathBuf {
    match half {
        Half::Whole | Half::Metadata => path.to_owned(),
        Half::Root => beside(path),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn target(destination: &Destination, half: Half, name: Option<&str>) -> Result<PathBuf, UnsafeName> {
        let head = FileHead { half, name: name.map(str::to_owned) };
        destination.target(&head, &Fingerprint::parse(&"ab".repeat(32)).unwrap())
    }

    #[test]
    fn a_file_is_called_as_configured_whatever_the_server_says() {
        let file = Destination::File("backup/a.tar".into());
        assert_eq!(target(&file, Half::Whole, Some("/etc/passwd")).unwrap(), Path::new("backup/a.tar"));
        assert_eq!(target(&file, Half::Metadata, None).unwrap(), Path::new("backup/a.tar"));
        assert_eq!(target(&file, Half::Root, Some("x")).unwrap(), Path::new("backup/a.tar.root"));
        assert_eq!(file.folder(), Path::new("backup"));
        assert_eq!(Destination::File("a".into()).folder(), Path::new("."));
    }

    #[test]
    fn in_a_directory_the_last_component_of_a_name_counts() {
        let directory = Destination::Directory("backup".into());
        assert_eq!(target(&directory, Half::Root, Some("ab.squashfs")).unwrap(), Path::new("backup/ab.squashfs"));
        assert_eq!(target(&directory, Half::Whole, Some("../../etc/cron")).unwrap(), Path::new("backup/cron"));
        assert_eq!(target(&directory, Half::Root, None).unwrap().extension().unwrap(), "root");
        for name in ["", "..", ".", "a/", "a/..", ".bashrc", "a\nb", "..\\a"] {
            target(&directory, Half::Whole, Some(name)).unwrap_err();
        }
    }
}
