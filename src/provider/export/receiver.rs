//! Takes the files of an image as they come, and writes and hashes them on threads of its own, so that the network goes on
//! meanwhile. Memory is constant: whoever brings more than can be written waits.

use std::io;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::{self, JoinError, JoinHandle};

use super::disk::{Finished, Unfinished};
use crate::incus::{Fingerprint, Half, Piece, hex};

/// Bytes that are handed to the threads at once. They come in pieces of a few KiB, and each handing over wakes threads.
const BATCH: usize = 256 * 1024;

/// How many batches may wait for a thread.
const WAITING: usize = 8;

/// Files on their way to the disk.
pub(super) struct Receiver {
    /// What is not handed over yet: less than a batch.
    gathered: BytesMut,
    writing: Worker<Result<Vec<Unfinished>, Failed>>,
    hashing: Worker<Vec<String>>,
    /// Hashes both halves of a split image together. A whole one has the hash of its file.
    joining: Option<Worker<Sha256>>,
}

/// All files of an image, whole as far as the server sent them.
pub(super) struct Received {
    pub(super) files: Vec<ReceivedFile>,
    /// What both halves of a split image hash to.
    pub(super) joined: Option<Fingerprint>,
}

/// A file of an image, on the disk. Dropping it removes it.
pub(super) struct ReceivedFile {
    pub(super) finished: Finished,
    pub(super) sha256: String,
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
        let folder = folder.to_owned();
        Receiver {
            gathered: BytesMut::new(),
            writing: Worker::start(move |pieces| write(&folder, pieces)),
            hashing: Worker::start(hash),
            joining: None,
        }
    }

    /// Takes what comes next. After a failure it takes nothing more, and [`finish`](Self::finish) tells why.
    pub(super) async fn take(&mut self, piece: Piece) -> Result<(), ()> {
        match piece {
            Piece::File(head) => {
                self.hand_over().await?;
                if head.half == Half::Metadata {
                    self.joining = Some(Worker::start(join));
                }
                self.pass_on(Piece::File(head)).await
            }
            Piece::Bytes(bytes) => self.gather(bytes).await,
        }
    }

    async fn gather(&mut self, mut bytes: Bytes) -> Result<(), ()> {
        while !bytes.is_empty() {
            self.gathered.reserve(BATCH - self.gathered.len());
            let fitting = bytes.split_to(bytes.len().min(BATCH - self.gathered.len()));
            self.gathered.extend_from_slice(&fitting);
            if self.gathered.len() == BATCH {
                self.hand_over().await?;
            }
        }
        Ok(())
    }

    async fn hand_over(&mut self) -> Result<(), ()> {
        match std::mem::take(&mut self.gathered) {
            nothing if nothing.is_empty() => Ok(()),
            batch => self.pass_on(Piece::Bytes(batch.freeze())).await,
        }
    }

    async fn pass_on(&self, piece: Piece) -> Result<(), ()> {
        if let Some(joining) = &self.joining {
            joining.take(piece.clone()).await?;
        }
        self.hashing.take(piece.clone()).await?;
        self.writing.take(piece).await
    }

    /// The files, on the disk.
    pub(super) async fn finish(mut self) -> Result<Received, Failed> {
        // A thread that takes nothing more has failed, and tells below.
        let _ = self.hand_over().await;
        let failed = |error: JoinError| Failed { written: 0, source: error.into() };
        let joined = match self.joining {
            Some(joining) => Some(Fingerprint::of(joining.finish().await.map_err(failed)?)),
            None => None,
        };
        let hashes = self.hashing.finish().await.map_err(failed)?;
        let files = self.writing.finish().await.map_err(failed)??;
        let files = task::spawn_blocking(|| sync(files)).await.map_err(failed)??;
        let files = files.into_iter().zip(hashes).map(|(finished, sha256)| ReceivedFile { finished, sha256 });
        Ok(Received { files: files.collect(), joined })
    }

    /// Removes what has come.
    pub(super) async fn abandon(self) {
        drop(self.writing.finish().await);
    }
}

/// A thread that works on all that comes.
struct Worker<T> {
    pieces: mpsc::Sender<Piece>,
    outcome: JoinHandle<T>,
}

/// What comes to a worker.
struct Pieces(mpsc::Receiver<Piece>);

impl<T: Send + 'static> Worker<T> {
    fn start(work: impl FnOnce(Pieces) -> T + Send + 'static) -> Worker<T> {
        let (pieces, coming) = mpsc::channel(WAITING);
        Worker { pieces, outcome: task::spawn_blocking(|| work(Pieces(coming))) }
    }

    async fn take(&self, piece: Piece) -> Result<(), ()> {
        self.pieces.send(piece).await.map_err(drop)
    }

    async fn finish(self) -> Result<T, JoinError> {
        drop(self.pieces);
        self.outcome.await
    }
}

impl Iterator for Pieces {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        self.0.blocking_recv()
    }
}

fn write(folder: &Path, pieces: Pieces) -> Result<Vec<Unfinished>, Failed> {
    let mut files = Vec::new();
    match fill(folder, pieces, &mut files) {
        Ok(()) => Ok(files),
        Err(source) => Err(Failed { written: length(&files), source }),
    }
}

fn fill(folder: &Path, pieces: Pieces, files: &mut Vec<Unfinished>) -> io::Result<()> {
    for piece in pieces {
        match (piece, files.last_mut()) {
            (Piece::File(_), _) => files.push(Unfinished::create(folder)?),
            (Piece::Bytes(bytes), Some(file)) => file.write(&bytes)?,
            (Piece::Bytes(_), None) => {}
        }
    }
    Ok(())
}

fn sync(files: Vec<Unfinished>) -> Result<Vec<Finished>, Failed> {
    let written = length(&files);
    let finished: io::Result<_> = files.into_iter().map(Unfinished::finish).collect();
    finished.map_err(|source| Failed { written, source })
}

fn length(files: &[Unfinished]) -> u64 {
    files.iter().map(Unfinished::size).sum()
}

/// The hash of each file, in hex digits.
fn hash(pieces: Pieces) -> Vec<String> {
    let mut hashes: Vec<Sha256> = Vec::new();
    for piece in pieces {
        match (piece, hashes.last_mut()) {
            (Piece::File(_), _) => hashes.push(Sha256::new()),
            (Piece::Bytes(bytes), Some(hash)) => hash.update(bytes),
            (Piece::Bytes(_), None) => {}
        }
    }
    hashes.into_iter().map(hex).collect()
}

/// The hash of all files together.
fn join(pieces: Pieces) -> Sha256 {
    let mut hash = Sha256::new();
    for piece in pieces {
        if let Piece::Bytes(bytes) = piece {
            hash.update(bytes);
        }
    }
    hash
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]
mod tests {
    use super::super::disk::Placement;
    use super::*;
    use crate::incus::FileHead;

    async fn received(folder: &Path, halves: &[(Half, Bytes)], at_once: usize) -> (Received, Vec<Vec<u8>>) {
        let mut receiver = Receiver::start(folder);
        for (half, content) in halves {
            receiver.take(Piece::File(FileHead { half: *half, name: None })).await.unwrap();
            for start in (0..content.len()).step_by(at_once) {
                let bytes = content.slice(start..content.len().min(start + at_once));
                receiver.take(Piece::Bytes(bytes)).await.unwrap();
            }
        }
        let received = receiver.finish().await.unwrap_or_else(|failed| panic!("{}", failed.source));
        let read = |(place, file): (usize, &ReceivedFile)| {
            let path = folder.join(place.to_string());
            file.finished.place(&path, Placement::Replacing).unwrap();
            std::fs::read(path).unwrap()
        };
        let written = received.files.iter().enumerate().map(read).collect();
        (received, written)
    }

    #[tokio::test]
    async fn files_are_whole_however_they_come() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Bytes = (0..BATCH * 5 / 2).map(|n| (n % 251) as u8).collect();
        let hash = |content: &[u8]| hex(Sha256::new_with_prefix(content));
        for at_once in [BATCH / 3, BATCH, BATCH + 1, bytes.len()] {
            let (whole, written) = received(folder.path(), &[(Half::Whole, bytes.clone())], at_once).await;
            assert!(written == [bytes.to_vec()] && whole.joined.is_none(), "{at_once} bytes at once");
            assert_eq!(whole.files[0].sha256, hash(&bytes));

            let halves = [(Half::Metadata, bytes.slice(..BATCH + 7)), (Half::Root, bytes.slice(BATCH + 7..))];
            let (split, written) = received(folder.path(), &halves, at_once).await;
            assert!(written.concat() == bytes && written[0] == halves[0].1, "{at_once} bytes at once");
            assert_eq!(split.joined.unwrap().as_str(), hash(&bytes));
            assert_eq!(split.files[1].sha256, hash(&halves[1].1));
        }
        let (empty, written) = received(folder.path(), &[(Half::Whole, Bytes::new())], 1).await;
        assert_eq!((written.concat(), empty.files[0].sha256.clone()), (Vec::new(), hash(b"")));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "only what got a name");
    }

    #[tokio::test]
    async fn what_is_abandoned_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut receiver = Receiver::start(folder.path());
        receiver.take(Piece::File(FileHead { half: Half::Whole, name: None })).await.unwrap();
        receiver.take(Piece::Bytes(Bytes::from(vec![7; 3 * BATCH]))).await.unwrap();
        receiver.abandon().await;
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
