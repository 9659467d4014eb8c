//! Writes the files of an export: under another name, until they are whole. Not for what is written, nor for what it is called.
//!
//! A file on its way is locked, so that the lock tells what an interrupted run has left from what another one is writing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use crate::provider::image::files::stamp;
use crate::provider::image::notes::FileStamp;

/// How the name of a file on its way begins.
const UNFINISHED: &str = ".terraform-provider-incus-export-";

/// After so many bytes the disk begins to write them down, while more come: in the end there is little left to wait for.
const SYNC_AFTER: u64 = 64 << 20;

/// A file on its way. Dropping it removes it.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    file: File,
    size: u64,
    /// How much of it nobody has had written down yet.
    unsynced: u64,
    syncing: Option<JoinHandle<io::Result<()>>>,
}

/// What stands where a file is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ground {
    /// Nothing.
    Free,
    /// A file, or a link to something.
    Taken,
    /// A directory.
    Directory,
    /// A device, a socket or a pipe.
    Device,
}

/// How a finished file gets its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placement {
    /// Only if nothing has it.
    New,
    /// In place of what has it.
    Replacing,
}

/// A file that is whole, and has its name still to get.
#[derive(Debug)]
pub(super) struct Finished(Unfinished);

impl Unfinished {
    /// A new file in `folder`.
    ///
    /// # Errors
    /// Where none can be made there.
    pub(super) fn create(folder: &Path) -> io::Result<Unfinished> {
        for number in 0_u32.. {
            let path = folder.join(format!("{UNFINISHED}{}-{number}", std::process::id()));
            let file = match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                outcome => outcome?,
            };
            // Between its creation and the lock it looks abandoned, and may have been swept away. Where there are no locks, nobody sweeps.
            if file.lock().is_err() || is_at(&file, &path) {
                return Ok(Unfinished { path, file, size: 0, unsynced: 0, syncing: None });
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// How much of it there is so far, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Adds bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        self.unsynced += bytes.len() as u64;
        self.sync_meanwhile()
    }

    fn sync_meanwhile(&mut self) -> io::Result<()> {
        let is_idle = self.syncing.as_ref().is_none_or(JoinHandle::is_finished);
        if is_idle && self.unsynced >= SYNC_AFTER {
            self.synced()?;
            let file = self.file.try_clone()?;
            self.syncing = Some(thread::Builder::new().spawn(move || file.sync_data())?);
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Has it all on the disk.
    pub(super) fn finish(mut self) -> io::Result<Finished> {
        self.synced()?;
        self.file.sync_all()?;
        Ok(Finished(self))
    }

    /// Waits for what is being written down. An error is told only once: here.
    fn synced(&mut self) -> io::Result<()> {
        let Some(syncing) = self.syncing.take() else { return Ok(()) };
        syncing.join().unwrap_or_else(|_| Err(io::Error::other("the thread that syncs the file has failed")))
    }
}

impl Finished {
    /// How much of it there is, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.0.size
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] where something has the name that is not to be replaced.
    pub(super) fn place(&self, target: &Path, placement: Placement) -> io::Result<()> {
        let from = &self.0.path;
        if placement == Placement::Replacing {
            return fs::rename(from, target);
        }
        // A link, unlike a rename, never takes the place of something that has come there a moment ago.
        match fs::hard_link(from, target) {
            Ok(()) => fs::remove_file(from),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
            Err(_) if ground(target) == Ground::Free => fs::rename(from, target),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After it got its name, another file may be here.
        if is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes what interrupted runs have left in `folder`.
///
/// # Errors
/// Where there is no such folder, or it can't be read.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            sweep_one(&entry.path());
        }
    }
    Ok(())
}

/// Removes an unfinished file if it is abandoned. Another run may be faster.
fn sweep_one(path: &Path) {
    let Ok(file) = File::open(path) else { return };
    // Who has just made it waits for the lock, and then sees that it is gone. It may also have got its name meanwhile.
    if file.try_lock().is_ok() && is_at(&file, path) {
        tracing::info!(path = %path.display(), "removing what an interrupted export has left");
        let _ = fs::remove_file(path);
    }
}

/// Whether the open file is the one at `path`.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |found: fs::Metadata| (found.dev(), found.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

/// Looks whether there is such a folder.
///
/// # Errors
/// Where there is none, or it can't be read.
pub(super) fn enter(folder: &Path) -> io::Result<()> {
    fs::read_dir(folder).map(drop)
}

/// What stands at `path`.
pub(super) fn ground(path: &Path) -> Ground {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => Ground::Directory,
        Ok(found) if found.is_file() || found.is_symlink() => Ground::Taken,
        Ok(_) => Ground::Device,
        Err(_) => Ground::Free,
    }
}

/// Whether `path` is a directory, or leads to one.
pub(super) fn is_directory(path: &Path) -> bool {
    path.is_dir()
}

/// Has the names in `folder` on the disk.
///
/// # Errors
/// As `fsync`, except where the file system knows it for files only.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        outcome => outcome,
    }
}

/// Removes a file. One that is gone already is fine.
///
/// # Errors
/// Where it stays.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// What a file is known by; nothing where there is none.
///
/// # Errors
/// Where it can't be looked at.
pub(super) async fn look(path: &Path) -> io::Result<Option<FileStamp>> {
    match stamp(path).await {
        Ok(stamp) => Ok(Some(stamp)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_file_that_has_got_its_name_leaves_the_next_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Unfinished::create(folder.path()).unwrap().finish().unwrap();
        first.place(&folder.path().join("first"), Placement::New).unwrap();
        let second = Unfinished::create(folder.path()).unwrap().finish().unwrap();
        drop(first);
        second.place(&folder.path().join("second"), Placement::New).unwrap();
    }

    /// How many files each of two writers makes at the same time.
    const FILES: usize = 200;

    #[test]
    fn what_is_on_its_way_is_not_swept_by_others() {
        let folder = tempfile::tempdir().unwrap();
        let is_over = AtomicBool::new(false);
        thread::scope(|scope| {
            let writing = [0, 1].map(|writer| {
                let folder = folder.path();
                scope.spawn(move || {
                    for number in 0..FILES {
                        let finished = Unfinished::create(folder).unwrap().finish().unwrap();
                        finished.place(&folder.join(format!("{writer}-{number}")), Placement::New).unwrap();
                    }
                })
            });
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    sweep(folder.path()).unwrap();
                }
            });
            let outcomes = writing.map(thread::ScopedJoinHandle::join);
            is_over.store(true, Ordering::Relaxed);
            assert!(outcomes.iter().all(Result::is_ok));
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2 * FILES);
    }

    #[test]
    fn a_file_system_may_lack_the_sync_of_folders() {
        let folder = tempfile::tempdir().unwrap();
        sync(folder.path()).unwrap();
        sync(&folder.path().join("absent")).unwrap_err();
        // No file system of disks, and so without sync on Linux.
        if Path::new("/proc/self").exists() {
            sync(Path::new("/proc")).unwrap();
        }
    }

    #[test]
    fn a_large_file_is_synced_while_it_comes() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = Unfinished::create(folder.path()).unwrap();
        let block = vec![7; 8 << 20];
        for _ in 1..SYNC_AFTER / (8 << 20) {
            file.write(&block).unwrap();
        }
        assert!(file.syncing.is_none());
        file.write(&block).unwrap();
        assert!(file.syncing.is_some() && file.unsynced == 0);
        file.write(b"end").unwrap();
        let finished = file.finish().unwrap();
        assert_eq!(finished.size(), SYNC_AFTER + 3);
        finished.place(&folder.path().join("large"), Placement::New).unwrap();
        assert_eq!(fs::metadata(folder.path().join("large")).unwrap().len(), SYNC_AFTER + 3);
    }
}
