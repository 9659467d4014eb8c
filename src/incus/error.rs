//! Everything that can go wrong between this client and a server. Not for telling users, beyond one sentence each.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use time::OffsetDateTime;

use super::answer::Malformed;
use super::simplestreams::ImageServerError;
use super::{Alias, ContactError, Fingerprint};

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection to the server.
    #[error("Unable to reach Incus at {address}: {obstacle}")]
    Unreachable {
        /// The address asked.
        address: String,
        /// What is in the way.
        obstacle: Obstacle,
        /// How the connection failed.
        source: reqwest::Error,
    },
    /// A server on the network that can't be used.
    #[error(transparent)]
    Contact(Arc<ContactError>),
    /// The connection broke before the answer was complete: what was asked for may or may not have been done.
    #[error("Unable to {what} at {address}: the connection broke")]
    Interrupted {
        /// What was asked for, such as `read image 0123`.
        what: String,
        /// The address asked.
        address: String,
        /// How it broke.
        source: reqwest::Error,
    },
    /// The server refused.
    #[error("Unable to {what}: {message} (status {status} from {address})")]
    Server {
        /// What was asked for.
        what: String,
        /// The address asked.
        address: String,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// The server began, and failed.
    #[error("Unable to {what}: {message} (operation on {address})")]
    Operation {
        /// What was asked for.
        what: String,
        /// The address asked.
        address: String,
        /// The server's words.
        message: String,
        /// The image it was about. It may be there: left half-made by this operation, or older.
        fingerprint: Option<Fingerprint>,
        /// When the operation was begun, by the server's clock: an image uploaded earlier is not its work.
        started_at: OffsetDateTime,
    },
    /// The name belongs to an image already.
    #[error("The alias {alias:?} is taken on {address}", alias = alias.as_str())]
    AliasTaken {
        /// The name.
        alias: Alias,
        /// The address asked.
        address: String,
    },
    /// The very image is there already; nothing was changed.
    #[error("The image {fingerprint} is already on {address}")]
    AlreadyExists {
        /// The image.
        fingerprint: Fingerprint,
        /// The address asked.
        address: String,
    },
    /// What would be streamed is an OCI image, whose fingerprint no server finds in its files; nothing was sent.
    #[error(
        "Unable to relay image {fingerprint} from {address}: it is an OCI image, whose fingerprint is not the hash of its files"
    )]
    Oci {
        /// The image.
        fingerprint: Fingerprint,
        /// The address that has it.
        address: String,
    },
    /// Somebody else changed the thing since it was read; nothing was written.
    #[error("The {thing} on {address} was changed by somebody else in the meantime")]
    Changed {
        /// The image or alias.
        thing: String,
        /// The address asked.
        address: String,
    },
    /// The caller asked to stop.
    #[error("Stopped before the end of: {what}")]
    Stopped {
        /// What was asked for.
        what: String,
        /// The image it was about, if that is known. It may be there, as with a failed operation.
        fingerprint: Option<Fingerprint>,
        /// When the operation was begun, by the server's clock, if it was.
        started_at: Option<OffsetDateTime>,
    },
    /// A local file can't be read.
    #[error("Unable to read {path}", path = path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The server's answer makes no sense.
    #[error("Unable to {what}: the answer of {address} is not understood")]
    Decode {
        /// What was asked for.
        what: String,
        /// The address asked.
        address: String,
        /// What is wrong with it.
        source: Malformed,
    },
    /// An image server, which was asked instead, is at fault.
    #[error(transparent)]
    ImageServer(#[from] Arc<ImageServerError>),
    /// The request can't be made.
    #[error("Unable to make a client or a request for {address}")]
    Request {
        /// The address.
        address: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What keeps a connection from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// There is no such socket.
    Missing,
    /// The user may not use the socket.
    Forbidden,
    /// The socket is there, and nobody answers.
    Refused,
    /// The machine on the network is there, and does not listen.
    Closed,
    /// No machine has this name.
    Unresolvable,
    /// Nobody says anything.
    Silence,
    /// Anything else; the cause tells.
    Other,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => {
                "there is no such socket. Is Incus installed and running here? INCUS_SOCKET or INCUS_DIR can name another place"
            }
            Self::Forbidden => {
                "permission denied. Members of the group \"incus-admin\" (or \"incus\", with a project of their own) may use it"
            }
            Self::Refused => "nobody answers there. Is Incus running? \"systemctl start incus\" starts it",
            Self::Closed => {
                "connection refused. Is the port right, and does the server listen there? \"incus config set core.https_address :8443\" has it listen"
            }
            Self::Unresolvable => "there is no machine of that name. Check the address",
            Self::Silence => "no answer. Check the address, and whether a firewall is on the way",
            Self::Other => "no connection",
        })
    }
}

impl Error {
    /// Whether the server said that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Server { status: 404, .. })
    }

    /// Whether the server said that it could not connect to another one.
    pub fn is_unreached_peer(&self) -> bool {
        let (Self::Server { message, .. } | Self::Operation { message, .. }) = self else { return false };
        let words = [
            "connection refused",
            "no route to host",
            "network is unreachable",
            "i/o timeout",
            "no such host",
            "deadline exceeded",
        ];
        words.iter().any(|words| message.contains(words))
    }
}

impl From<ImageServerError> for Error {
    fn from(error: ImageServerError) -> Self {
        Self::ImageServer(Arc::new(error))
    }
}
