//! What the server shall fetch from another one. Not for doing it, see `client`.

use std::collections::BTreeMap;
use std::fmt;

use super::{FileUrl, Fingerprint, ImageType, Project, RegistryCredentials, ServerUrl};

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

/// Where an image is fetched from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An image of another server.
    Image {
        /// The server.
        server: SourceServer,
        /// Which of its images.
        image: Wanted,
        /// Which of the images of that name.
        image_type: ImageType,
    },
    /// A unified image behind an address on the web. Without a fingerprint, the web server must say it, by the headers
    /// `Incus-Image-Hash` and `Incus-Image-URL`.
    File {
        /// The address.
        address: FileUrl,
        /// What the file must hash to.
        fingerprint: Option<Fingerprint>,
    },
}

/// The server to fetch from.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceServer {
    /// How it is asked.
    pub protocol: Protocol,
    /// Its address, as seen from the fetching server.
    pub url: ServerUrl,
    /// The project there that has the image (Incus only).
    pub project: Option<Project>,
    /// The PEM certificate it is known by; else the fetching server's own list of authorities decides.
    pub certificate: Option<String>,
    /// What lets the fetching server read a private image (Incus only).
    pub secret: Option<Secret>,
    /// What lets the fetching server read from a registry (OCI only). Incus keeps it with the image, to follow its source.
    pub credentials: Option<RegistryCredentials>,
}

/// What lets somebody read one image once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    pub(crate) text: String,
    /// The operation that lasts until the secret is used or withdrawn.
    pub(crate) operation: String,
}

/// Which image to fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one with this name now; the server remembers where it came from.
    Alias(String),
    /// Precisely this one.
    Fingerprint(Fingerprint),
}

/// An image to fetch. It gets no alias: one that is taken would leave an image without a name. And no profiles: with an unknown
/// one the operation fails without naming the image that it leaves behind. [`crate::incus::Client::update_image`] is safe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// From where.
    pub source: Source,
    /// As in [`crate::incus::Image`].
    pub public: bool,
    /// As in [`crate::incus::Image`]; of use only with an alias.
    pub auto_update: bool,
    /// Merged over the properties that the source has.
    pub properties: BTreeMap<String, String>,
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

impl Source {
    /// The image, where it is known which one that is.
    pub(crate) fn fingerprint(&self) -> Option<&Fingerprint> {
        match self {
            Self::Image { image: Wanted::Fingerprint(fingerprint), .. } => Some(fingerprint),
            Self::Image { image: Wanted::Alias(_), .. } => None,
            Self::File { fingerprint, .. } => fingerprint.as_ref(),
        }
    }

    /// A server's words about this source, without what is secret about it.
    pub(crate) fn hidden_in(&self, words: &str) -> String {
        match self {
            Self::Image { server: SourceServer { credentials: Some(credentials), .. }, .. } => {
                credentials.hidden_in(words)
            }
            Self::Image { .. } | Self::File { .. } => words.to_owned(),
        }
    }
}

impl fmt::Display for Source {
    /// Such as `image "alpine/edge" from https://images.example`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { server, image: Wanted::Alias(alias), .. } => write!(f, "image {alias:?} from {}", server.url),
            Self::Image { server, image: Wanted::Fingerprint(fingerprint), .. } => {
                write!(f, "image {fingerprint} from {}", server.url)
            }
            Self::File { address, .. } => write!(f, "the image at {address}"),
        }
    }
}

impl fmt::Debug for SourceServer {
    /// Without the certificate, which is long, and what is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceServer({} {} {:?})", self.protocol, self.url, self.project)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
