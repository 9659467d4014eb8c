//! Reads the local files of an image: which fingerprint they have, and what they are the root of. Not for uploading.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Error, Files, Fingerprint, ImageType};

/// Bytes read at once, whatever the size of the file.
const CHUNK: usize = 256 * 1024;

/// The first bytes of a qcow2 disk.
const QCOW2: &[u8] = b"QFI\xfb";

/// What the files of an image hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed {
    /// The fingerprint that the image will have.
    pub fingerprint: Fingerprint,
    /// Bytes read, of all files together.
    pub size: u64,
}

/// The fingerprint of the image that the files make, read on a thread of its own. Dropping the future ends the reading.
pub async fn hash(files: &Files) -> Result<Hashed, Error> {
    let (first, second) = match files {
        Files::Unified { path } => (path, None),
        Files::Split { metadata, rootfs, .. } => (metadata, Some(rootfs)),
    };
    let paths: Vec<_> = std::iter::once(first).chain(second).cloned().collect();
    let dropped = CancellationToken::new();
    let _guard = dropped.clone().drop_guard();
    in_background(first, move || hash_in_turn(&paths, &dropped)).await
}

/// What a root file is the root of: a qcow2 disk is a virtual machine's, everything else a container's.
pub async fn root_type(rootfs: &Path) -> Result<ImageType, Error> {
    let path = rootfs.to_owned();
    in_background(rootfs, move || {
        let mut start = Vec::new();
        let mut file = open(&path)?.take(QCOW2.len() as u64);
        file.read_to_end(&mut start).map_err(|source| Error::File { path, source })?;
        Ok(if start == QCOW2 { ImageType::VirtualMachine } else { ImageType::Container })
    })
    .await
}

async fn in_background<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(failed) => Err(Error::File { path: path.to_owned(), source: failed.into() }),
    }
}

fn hash_in_turn(paths: &[PathBuf], dropped: &CancellationToken) -> Result<Hashed, Error> {
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK];
    for path in paths {
        let failed = |source| Error::File { path: path.clone(), source };
        let mut file = open(path)?;
        while !dropped.is_cancelled() {
            match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => {
                    hash.update(chunk.get(..length).unwrap_or_default());
                    size += length as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(error)),
            }
        }
    }
    Ok(Hashed { fingerprint: Fingerprint::of(hash), size })
}

fn open(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;

    use super::*;

    fn split(metadata: PathBuf, rootfs: PathBuf) -> Files {
        Files::Split { metadata, rootfs, root: ImageType::Container }
    }

    #[tokio::test]
    async fn a_file_has_the_hash_that_sha256sum_prints() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("u.tar");
        fs::write(&path, "abc").unwrap();
        let hashed = hash(&Files::Unified { path }).await.unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((hashed.fingerprint.as_str(), hashed.size), (expected, 3));
    }

    #[tokio::test]
    async fn split_files_are_hashed_one_after_the_other_whatever_their_length() {
        let folder = tempfile::tempdir().unwrap();
        let [metadata, rootfs, whole] = ["m", "r", "w"].map(|name| folder.path().join(name));
        let (first, second) = (vec![1; CHUNK + 1], vec![2; 2 * CHUNK]);
        fs::write(&metadata, &first).unwrap();
        fs::write(&rootfs, &second).unwrap();
        fs::write(&whole, [first, second].concat()).unwrap();
        let parts = hash(&split(metadata.clone(), rootfs.clone())).await.unwrap();
        assert_eq!(parts, hash(&Files::Unified { path: whole }).await.unwrap());
        assert_eq!(parts.size, 3 * CHUNK as u64 + 1);
        assert_ne!(parts, hash(&split(rootfs, metadata)).await.unwrap());
    }

    #[tokio::test]
    async fn the_file_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let present = folder.path().join("m");
        fs::write(&present, "m").unwrap();
        let error = hash(&split(present, "/nowhere/root".into())).await.unwrap_err();
        assert_eq!(error.to_string(), "Unable to read /nowhere/root");
        assert!(root_type(Path::new("/nowhere/root")).await.is_err());
        assert!(root_type(folder.path()).await.is_err());
    }

    #[tokio::test]
    async fn a_qcow2_disk_is_the_root_of_a_virtual_machine() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root");
        for (start, expected) in [
            (b"QFI\xfb\0\0\0\x03".as_slice(), ImageType::VirtualMachine),
            (b"hsqs".as_slice(), ImageType::Container),
            (b"QFI".as_slice(), ImageType::Container),
            (b"".as_slice(), ImageType::Container),
        ] {
            fs::write(&path, start).unwrap();
            assert_eq!(root_type(&path).await.unwrap(), expected);
        }
    }
}
