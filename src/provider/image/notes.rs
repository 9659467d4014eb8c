//! What the provider notes about an image beside its attributes.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::extra::Originals;

/// The notes on one image. Core stores them in the state, in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Notes {
    /// How the image came under management.
    pub(crate) origin: Origin,
    /// What the source files were when they were last hashed; a file that is still the same is not read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hashed: Option<HashedFiles>,
    /// What the source's name stood for when it was last looked up or copied, if that is looked after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream: Option<String>,
    /// The own values of properties that `extra_properties` covers; nothing where the image has none of its own.
    #[serde(skip_serializing_if = "Originals::is_empty")]
    pub(crate) originals: Originals,
    /// The names that the image had at its source when `copy_aliases` took them.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) copied: BTreeSet<String>,
    /// Whether the alias alone says which image it is, as neither a source nor a pin does: then it is the one that has the alias.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) follows_alias: bool,
    /// Fingerprints of images whose place this one took and that could not be removed yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) superseded: Vec<String>,
}

impl Notes {
    /// The notes on an image that has come under management so.
    pub(crate) fn new(origin: Origin) -> Notes {
        Notes { origin, ..Notes::default() }
    }
}

/// How an image came under management.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Origin {
    /// The provider brought it to the server.
    Created,
    /// It was there, and was taken under management as ours.
    Imported,
    /// It was there, and is somebody else's: never deleted, unless the configuration says so.
    Adopted,
    /// Nobody knows any more: core forgets the notes when the provider dies in the middle of an update, and those of another
    /// provider say nothing. Then what is in the state counts.
    #[default]
    Forgotten,
}

/// The hash of an image's files, and by what they would be known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HashedFiles {
    /// The file, or the metadata file and the root file.
    pub(crate) files: Vec<FileStamp>,
    /// What they hashed to.
    pub(crate) fingerprint: String,
}

/// What makes a file the same one as before, as far as its content goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileStamp {
    /// The path as configured.
    pub(crate) path: PathBuf,
    /// Bytes.
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) modified: i128,
}
