//! An image that comes from another Incus server without being fetched. Not for sending it, see `client`.

use std::collections::BTreeMap;

use super::{Expiry, Fingerprint};

/// An image that another server sends, or that is streamed from there. Its files hold nothing of what follows, so that it has to be
/// said. It gets no alias: one that is taken would leave an image without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The image.
    pub fingerprint: Fingerprint,
    /// As in [`crate::incus::Image`].
    pub public: bool,
    /// All the properties that it shall have.
    pub properties: BTreeMap<String, String>,
    /// As in [`crate::incus::Image`]. Images that are streamed have none at first.
    pub expires_at: Expiry,
}
