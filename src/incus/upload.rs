//! What is uploaded. Not for reading the files, see `files`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Fingerprint, ImageType};

/// The local files of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Files {
    /// One tar file that holds all.
    Unified {
        /// The file.
        path: PathBuf,
    },
    /// A small tar file that describes the image, and the root file system or disk.
    Split {
        /// The tar file with `metadata.yaml`.
        metadata: PathBuf,
        /// The squashfs, tar or qcow2 file.
        rootfs: PathBuf,
        /// What the second file is the root of: [`crate::incus::files::root_type`] tells.
        root: ImageType,
    },
}

/// An image to upload. It gets no alias: one that is taken would leave an image without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Where its content is.
    pub files: Files,
    /// Merged over the properties in `metadata.yaml`.
    pub properties: BTreeMap<String, String>,
    /// As in [`crate::incus::Image`].
    pub public: bool,
    /// What the content must be; the server checks it.
    pub fingerprint: Option<Fingerprint>,
    /// The name of the file that the server shall remember; of the root file when split.
    pub filename: Option<String>,
}
