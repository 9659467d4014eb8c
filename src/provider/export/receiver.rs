//! Takes the files of an image as they come, and writes and hashes them on threads of its own, so that the network goes on
//! meanwhile. Memory is constant: whoever brings more than can be written waits.

use std::io;
use std::path::Path;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::disk::{Finished, Unfinished};
use crate::incus::{FileHead, Half, Piece};

/// How many pieces may wait.
const WAITING: usize = 16;

/// Files on their way to the disk.
pub(super) struct Receiver {
    pieces: mpsc::Sender<Piece>,
    writing: JoinHandle<Result<Vec<Finished>, Failed>>,
    /// The hash over both halves of a split image. That of a whole one is the hash of its file.
    joined: Option<(mpsc::Sender<Bytes>, JoinHandle<Sha256>)>,
}

/// All files of an image, whole as far as the server sent them.
pub(super) struct Received {
    pub(super) files: Vec<Finished>,
    /// Over both halves of a split image.
    pub(super) joined: Option<Sha256>,
}

/// Why a file can't be written.
#[derive(Debug)]
pub(super) struct Failed {
    /// Bytes written, of all files together.
    pub(super) written: u64,
    pub(super) source: io::Error,
}

impl Receiver {
    /// Ready for files in `folder`.
    pub(super) fn start(folder: &Path) -> Receiver {
        let (pieces, coming) = mpsc::channel(WAITING);
        let folder = folder.to_owned();
        let writing = tokio::task::spawn_blocking(move || write(&folder, coming));
        Receiver { pieces, writing, joined: None }
    }

    /// Takes what comes next. After a failure it takes nothing more, and [`finish`](Self::finish) tells why.
    pub(super) async fn take(&mut self, piece: Piece) -> Result<(), ()> {
        match &piece {
            Piece::File(FileHead { half: Half::Metadata, .. }) => {
                let (bytes, coming) = mpsc::channel(WAITING);
                self.joined = Some((bytes, tokio::task::spawn_blocking(move || hash(coming))));
            }
            Piece::File(_) => {}
            Piece::Bytes(bytes) => {
                if let Some((joined, _)) = &self.joined {
                    joined.send(bytes.clone()).await.map_err(drop)?;
                }
            }
        }
        self.pieces.send(piece).await.map_err(drop)
    }

    /// The files, on the disk. Dropping them removes them.
    pub(super) async fn finish(self) -> Result<Received, Failed> {
        let Receiver { pieces, writing, joined } = self;
        drop(pieces);
        let joined = match joined {
            Some((bytes, hashing)) => {
                drop(bytes);
                hashing.await.ok()
            }
            None => None,
        };
        let failed = |source: tokio::task::JoinError| Failed { written: 0, source: source.into() };
        let files = writing.await.map_err(failed)??;
        Ok(Received { files, joined })
    }

    /// Removes what has come.
    pub(super) async fn abandon(self) {
        drop(self.finish().await);
    }
}

fn write(folder: &Path, mut coming: mpsc::Receiver<Piece>) -> Result<Vec<Finished>, Failed> {
    let (mut finished, mut current, mut written) = (Vec::new(), None, 0);
    let failed = |written, source| Failed { written, source };
    while let Some(piece) = coming.blocking_recv() {
        match (piece, &mut current) {
            (Piece::File(head), _) => {
                let next = Unfinished::create(folder).map_err(|source| failed(written, source))?;
                if let Some((head, file)) = current.replace((head, next)) {
                    finished.push(file.finish(&head).map_err(|source| failed(written, source))?);
                }
            }
            (Piece::Bytes(bytes), Some((_, file))) => {
                file.write(&bytes).map_err(|source| failed(written, source))?;
                written += bytes.len() as u64;
            }
            (Piece::Bytes(_), None) => {}
        }
    }
    if let Some((head, file)) = current {
        finished.push(file.finish(&head).map_err(|source| failed(written, source))?);
    }
    Ok(finished)
}

fn hash(mut coming: mpsc::Receiver<Bytes>) -> Sha256 {
    let mut hash = Sha256::new();
    while let Some(bytes) = coming.blocking_recv() {
        hash.update(&bytes);
    }
    hash
}
