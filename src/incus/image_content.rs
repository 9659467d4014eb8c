//! The files of an image while they come from a server, in one form for every kind of server. Not for keeping them, and not for
//! telling whether the image is whole: that is what its hash is for.

use std::fmt;

use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::Error;

/// The files of an image, one after the other, as they come.
pub struct ImageContent {
    /// Bytes to come of all files together, if the server tells.
    pub size: Option<u64>,
    /// Whether it was an OCI image, the fingerprint of which is not the hash of its content.
    pub is_oci: bool,
    /// For each file its head, and then its bytes.
    pub pieces: BoxStream<'static, Result<Piece, Error>>,
}

/// A part of what comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A file begins.
    File(FileHead),
    /// More of the file that began last.
    Bytes(Bytes),
}

/// What is said about a file before its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHead {
    /// Which of an image's files it is.
    pub half: Half,
    /// The server's name for it, as it was sent: not to be trusted.
    pub name: Option<String>,
}

/// Which of an image's files one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The only one.
    Whole,
    /// The first one of a split image, which describes it.
    Metadata,
    /// The second one, the root file system or disk.
    Root,
}

impl fmt::Debug for ImageContent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, is_oci, pieces: _ } = self;
        formatter.debug_struct("ImageContent").field("size", size).field("is_oci", is_oci).finish_non_exhaustive()
    }
}
