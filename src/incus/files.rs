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
    let paths = match files {
        Files::Unified { path } => vec![path.clone()],
        Files::Split { metadata, rootfs, .. } => vec![metadata.clone(), rootfs.clone()],
    };
    let dropped = CancellationToken::new();
    let _guard = dropped.clone().drop_guard();
    in_background(&first(&paths), move || hash_in_turn(&paths, &dropped)).await
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

fn first(paths: &[PathBuf]) -> PathBuf {
    paths.first().cloned().unwrap_or_default()
}
