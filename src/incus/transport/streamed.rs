//! Files on their way into a request. Not for the request.

use std::io;
use std::path::Path;

use futures_util::TryStreamExt;
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use crate::incus::Error;

/// Bytes read from a file at once: an upload goes at the pace of the disk, in constant memory.
const CHUNK: usize = 256 * 1024;

/// A file to stream, and its length.
pub(super) async fn open(path: &Path) -> Result<(reqwest::Body, u64), Error> {
    let failed = |source| Error::File { path: path.to_owned(), source };
    let file = File::open(path).await.map_err(failed)?;
    let metadata = file.metadata().await.map_err(failed)?;
    if metadata.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    let name = path.display().to_string();
    let named = move |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
    let stream = ReaderStream::with_capacity(file, CHUNK).map_err(named);
    Ok((reqwest::Body::wrap_stream(stream), metadata.len()))
}
