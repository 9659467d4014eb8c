//! What the server shall fetch from another one. Not for doing it, see `client`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{Fingerprint, ImageType, Project, ServerUrl};

/// How a server of images is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The Incus REST API.
    Incus,
    /// Image server with index files.
    Simplestreams,
    /// Container registry; Incus ≥ 6.3.
    Oci,
}

/// The server to fetch from.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// How it is asked.
    pub protocol: Protocol,
    /// Its address, as seen from the fetching server.
    pub server: ServerUrl,
    /// The project there that has the image (Incus only).
    pub project: Option<Project>,
    /// The PEM certificate it is known by; else the fetching server's own list of authorities decides.
    pub certificate: Option<String>,
}

/// Which image to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one with this name now; the server remembers where it came from.
    Alias(String),
    /// Precisely this one.
    Fingerprint(Fingerprint),
}

/// An image to fetch. It gets no alias: one that is taken would leave an image without a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// From where.
    pub source: Source,
    /// Which one.
    pub image: Wanted,
    /// Which of the images of that name.
    pub image_type: ImageType,
    /// As in [`crate::incus::Image`].
    pub public: bool,
    /// As in [`crate::incus::Image`]; of use only with an alias.
    pub auto_update: bool,
    /// Merged over the properties that the source has.
    pub properties: BTreeMap<String, String>,
    /// Profiles of instances made from it; `None` leaves it at `default`. Beware of an unknown one: the
    /// operation fails without naming the image that it leaves behind. [`crate::incus::Client::update_image`] is safe.
    pub profiles: Option<BTreeSet<String>>,
}

impl Protocol {
    /// Reads Incus's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "incus" => Some(Self::Incus),
            "simplestreams" => Some(Self::Simplestreams),
            "oci" => Some(Self::Oci),
            _ => None,
        }
    }

    /// Incus's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incus => "incus",
            Self::Simplestreams => "simplestreams",
            Self::Oci => "oci",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Source {
    /// Without the certificate, which is long and nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({} {} {:?})", self.protocol, self.server, self.project)
    }
}
