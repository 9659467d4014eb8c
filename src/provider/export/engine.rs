//! Brings the files of an image here: whole and as the fingerprint says, or not at all. Not for which image is meant, nor for what
//! becomes of the state.

use std::io;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::destination::Destination;
use super::disk::{self, Ground, Placement};
use super::notes::WrittenFile;
use super::receiver::{Failed, Received, ReceivedFile, Receiver};
use crate::incus::{Error, FileHead, Fingerprint, Half, ImageContent, Piece};
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::Path as AttributePath;

/// An image to be brought here.
pub(crate) struct Order<'a> {
    /// What it hashes to.
    pub(crate) fingerprint: &'a Fingerprint,
    /// Bytes of its files together.
    pub(crate) size: u64,
    /// Its files, on their way.
    pub(crate) content: ImageContent,
    /// Where they go.
    pub(crate) destination: &'a Destination,
    /// Files that are ours, and make way.
    pub(crate) ours: &'a [PathBuf],
    /// What becomes of files that are not.
    pub(crate) foreign: Foreign,
}

/// What becomes of files that are in the way and not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// They stay, and the export fails.
    Kept,
    /// They are replaced.
    Replaced,
}

/// What a file of the image is to become.
struct Coming {
    target: PathBuf,
    placement: Placement,
}

/// Carries an order out; `progress` is told how many bytes have come. After an error, no file has come to its place that was not
/// there before.
///
/// # Errors
/// Where the files can't be written, are not what the fingerprint says, or would take the place of files that are not ours.
pub(crate) async fn export(
    order: Order<'_>,
    progress: &(dyn Fn(u64) + Send + Sync),
    stop: &CancellationToken,
) -> Result<Vec<WrittenFile>, Diagnostics> {
    let Order { fingerprint, size, content, destination, ours, foreign } = order;
    let folder = destination.folder();
    disk::sweep(folder).map_err(|error| no_folder(folder, &error))?;
    let size = content.size.unwrap_or(size);
    let is_oci = content.is_oci;
    let room = |head: &FileHead| room(destination, head, fingerprint, ours, foreign);
    if let Destination::File(_) = destination {
        room(&FileHead { half: Half::Whole, name: None })?;
    }
    let mut receiver = Receiver::start(folder);
    let outcome = receive(content, &mut receiver, room, progress, stop).await;
    let coming = match outcome {
        Ok(coming) => coming,
        Err(failure) => {
            receiver.abandon().await;
            return Err(failure.into());
        }
    };
    let received = receiver.finish().await.map_err(|failed| unwritable(destination, &failed, size))?;
    if !is_oci {
        verify(&received, fingerprint)?;
    }
    Ok(place(&received.files, &coming, folder).await?)
}

/// What stands in the way of an export, as far as that can be seen before it begins.
///
/// # Errors
/// The first obstacle.
pub(crate) fn look_ahead(destination: &Destination, foreign: Foreign) -> Result<(), Diagnostic> {
    let folder = destination.folder();
    disk::enter(folder).map_err(|error| no_folder(folder, &error))?;
    match destination {
        Destination::File(path) => placement(path, &[], foreign).map(drop),
        Destination::Directory(_) => Ok(()),
    }
}

/// Hands on what comes, until all has come or the receiver takes no more.
async fn receive(
    content: ImageContent,
    receiver: &mut Receiver,
    room: impl Fn(&FileHead) -> Result<Coming, Diagnostic>,
    progress: &(dyn Fn(u64) + Send + Sync),
    stop: &CancellationToken,
) -> Result<Vec<Coming>, Diagnostic> {
    let (mut pieces, mut coming, mut length) = (content.pieces, Vec::new(), 0);
    loop {
        let piece = tokio::select! {
            biased;
            () = stop.cancelled() => return Err(stopped()),
            piece = pieces.next() => piece,
        };
        let Some(piece) = piece else { return Ok(coming) };
        let piece = piece.map_err(|error| interrupted(&error))?;
        match &piece {
            Piece::File(head) => coming.push(room(head)?),
            Piece::Bytes(bytes) => {
                length += bytes.len() as u64;
                progress(length);
            }
        }
        if receiver.take(piece).await.is_err() {
            return Ok(coming);
        }
    }
}

/// What a file is to become, if nothing is in the way.
fn room(
    destination: &Destination,
    head: &FileHead,
    fingerprint: &Fingerprint,
    ours: &[PathBuf],
    foreign: Foreign,
) -> Result<Coming, Diagnostic> {
    let target = destination
        .target(head, fingerprint)
        .map_err(|error| at_path(Diagnostic::error("Unable to name a file of the image", error.to_string())))?;
    let placement = placement(&target, ours, foreign)?;
    Ok(Coming { target, placement })
}

fn placement(target: &PathBuf, ours: &[PathBuf], foreign: Foreign) -> Result<Placement, Diagnostic> {
    match (disk::ground(target), foreign) {
        (Ground::Directory, _) => Err(at_path(is_directory(target))),
        (Ground::Device, _) => Err(at_path(is_device(target))),
        (Ground::Free, Foreign::Kept) => Ok(Placement::New),
        (Ground::Taken, Foreign::Kept) if !ours.contains(target) => Err(at_path(taken(target))),
        (Ground::Taken, Foreign::Kept) | (Ground::Free | Ground::Taken, Foreign::Replaced) => Ok(Placement::Replacing),
    }
}

fn verify(received: &Received, fingerprint: &Fingerprint) -> Result<(), Diagnostic> {
    let content = match (&received.joined, received.files.as_slice()) {
        (Some(joined), _) => joined.to_string(),
        (None, [only]) => only.sha256.clone(),
        (None, _) => String::new(),
    };
    if content == fingerprint.as_str() {
        return Ok(());
    }
    let size: u64 = received.files.iter().map(|file| file.finished.size()).sum();
    let detail = format!(
        "The {size} bytes that came hash to {content}, not to {fingerprint}: they are damaged, or not all. Nothing was kept. Export it again; \
         if that does not help, the server's copy is damaged."
    );
    Err(Diagnostic::error("The content is not what the fingerprint says", detail))
}

/// Gives the files their names, the first one last: where it stands, the image is complete.
async fn place(files: &[ReceivedFile], coming: &[Coming], folder: &Path) -> Result<Vec<WrittenFile>, Diagnostic> {
    let mut placed: Vec<&Coming> = Vec::new();
    for (file, coming) in files.iter().zip(coming).rev() {
        if let Err(error) = file.finished.place(&coming.target, coming.placement) {
            take_back(&placed);
            return Err(at_path(match error.kind() {
                io::ErrorKind::AlreadyExists => taken(&coming.target),
                _ => Diagnostic::error(format!("Unable to write {}", coming.target.display()), format!("{error}.")),
            }));
        }
        placed.push(coming);
    }
    let mut written = Vec::new();
    for (file, Coming { target, .. }) in files.iter().zip(coming) {
        let Some(stamp) = disk::look(target).await.ok().flatten() else {
            let detail = "It was removed by somebody else a moment after it was written.";
            return Err(at_path(Diagnostic::error(format!("Unable to find {}", target.display()), detail)));
        };
        written.push(WrittenFile { stamp, sha256: file.sha256.clone() });
    }
    if let Err(error) = disk::sync(folder) {
        take_back(&placed);
        return Err(at_path(Diagnostic::error(format!("Unable to write {}", folder.display()), format!("{error}."))));
    }
    Ok(written)
}

/// Removes files that have got a name which nothing had. What has taken the place of another file stays, to be seen as changed.
fn take_back(placed: &[&Coming]) {
    for coming in placed.iter().filter(|coming| coming.placement == Placement::New) {
        // The error that led here is what the user has to know.
        let _ = disk::remove(&coming.target);
    }
}

fn at_path(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.at(AttributePath::attribute("path"))
}

fn no_folder(folder: &Path, error: &io::Error) -> Diagnostic {
    let detail = format!("{error}. The directory {} must be there before images are exported to it.", folder.display());
    at_path(Diagnostic::error(format!("Unable to write to {}", folder.display()), detail))
}

fn is_directory(target: &Path) -> Diagnostic {
    let detail = format!("{} is a directory, where a file of the image is to go. Name another path.", target.display());
    Diagnostic::error("A directory is in the way", detail)
}

fn is_device(target: &Path) -> Diagnostic {
    let detail =
        format!("{} is a device, a socket or a pipe, which no export replaces. Name another path.", target.display());
    Diagnostic::error("A device is in the way", detail)
}

fn taken(target: &Path) -> Diagnostic {
    let detail = format!(
        "{} was not written by this export. Move it away, name another path, or set overwrite = true to replace it.",
        target.display()
    );
    Diagnostic::error("A file is in the way", detail)
}

fn unwritable(destination: &Destination, failed: &Failed, size: u64) -> Diagnostic {
    let Failed { written, source } = failed;
    let place = match destination {
        Destination::File(path) | Destination::Directory(path) => path.display(),
    };
    let advice = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "Make room there, or name another path."
        }
        _ => "Name a path that can be written to.",
    };
    let detail = format!("{source}, after {written} of {size} bytes. Nothing was kept. {advice}");
    at_path(Diagnostic::error(format!("Unable to write {place}"), detail))
}

fn interrupted(error: &Error) -> Diagnostic {
    let diagnostic = diagnose(error);
    Diagnostic { detail: format!("{} Nothing was kept.", diagnostic.detail.trim_end()), ..diagnostic }
}

fn stopped() -> Diagnostic {
    Diagnostic::error("Stopped", "The export was not finished, and nothing of it was kept. The next one begins anew.")
}
