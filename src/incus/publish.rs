//! An image to make of an instance. Not for doing it, see `client`.

use std::collections::BTreeMap;

use super::InstanceName;

/// An image to make of an instance or snapshot of the same server and project. Two of the same instance are two images: what is
/// packed is never the same to the byte. It gets no alias: one that is taken would leave an image without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The instance, which must not run, or the snapshot.
    pub instance: InstanceName,
    /// What packs the files, such as `gzip`, `zstd` or `none`; the server's own setting where absent.
    pub compression: Option<String>,
    /// As in [`crate::incus::Image`].
    pub public: bool,
    /// Merged over the properties of the image that the instance was made from.
    pub properties: BTreeMap<String, String>,
}
