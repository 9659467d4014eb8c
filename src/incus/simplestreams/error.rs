//! Everything that can go wrong between this client and an image server, with what to do about it.

use std::error::Error as StdError;
use std::fmt;
use std::io;

use tokio_rustls::rustls;

use crate::incus::{Fingerprint, ServerUrl};

/// Why the images of an image server can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ImageServerError {
    /// No connection.
    #[error("Unable to reach the image server {server}: {hindrance}")]
    Unreachable {
        /// The server asked.
        server: ServerUrl,
        /// What is in the way.
        hindrance: Hindrance,
        /// How the connection failed.
        source: reqwest::Error,
    },
    /// The connection broke before the end of a file.
    #[error("Unable to read {url}: the connection broke")]
    Interrupted {
        /// The file.
        url: String,
        /// How it broke.
        source: reqwest::Error,
    },
    /// All files together took too long.
    #[error(
        "Unable to read the images of {server} within {seconds} seconds. Is the network slow, or a proxy in the way?"
    )]
    TooSlow {
        /// The server asked.
        server: ServerUrl,
        /// The time it was given.
        seconds: u64,
    },
    /// The server, or a proxy before it, refused.
    #[error("Unable to read {url}: status {status}. {advice}", advice = advice(*status))]
    Status {
        /// The file.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// The file is not what simplestreams promises.
    #[error(
        "Unable to understand {url}: no such file of a simplestreams server. Does the address lead to something else, such as a login page?"
    )]
    Malformed {
        /// The file.
        url: String,
        /// Where it ceases to make sense.
        source: serde_json::Error,
    },
    /// The server does not list the image.
    #[error("The image server {server} does not have image {fingerprint}, or not any more")]
    NoImage {
        /// The server asked.
        server: ServerUrl,
        /// The image.
        fingerprint: Fingerprint,
    },
    /// What came is not what the server lists.
    #[error(
        "{url} is another file than the server lists. Was it replaced a moment ago, or cut short by a proxy on the way?"
    )]
    OtherFile {
        /// The file.
        url: String,
    },
    /// No request can be made.
    #[error("Unable to make a client for the image server {server}")]
    Client {
        /// The server to be asked.
        server: ServerUrl,
        /// Why.
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// What keeps a connection to an image server from being made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The server's certificate is not trusted here, or is not the server's.
    Certificate,
    /// The machine is there, and nobody answers.
    Refused,
    /// Nobody said anything.
    Silence,
    /// Anything else; the cause tells.
    Other,
}

impl Hindrance {
    /// What a failed connection says.
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Silence;
        }
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
                return Self::Certificate;
            }
            let io = error.downcast_ref::<io::Error>();
            match io.map(io::Error::kind) {
                Some(io::ErrorKind::ConnectionRefused) => return Self::Refused,
                Some(io::ErrorKind::TimedOut) => return Self::Silence,
                _ => {}
            }
            // The error inside an io::Error is not among its causes.
            cause = match io.and_then(io::Error::get_ref) {
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        Self::Other
    }
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => {
                "its certificate is not trusted here. The authority that signed it must be known to this machine; \
                 on Linux, SSL_CERT_FILE can name a file of authorities"
            }
            Self::Refused => {
                "nobody answers there, or at the proxy on the way. Is the address right, and the server running?"
            }
            Self::Silence => "no answer. Is there a firewall? https_proxy or http_proxy can name a proxy",
            Self::Other => "no connection. Is the address right? https_proxy or http_proxy can name a proxy",
        })
    }
}

fn advice(status: u16) -> &'static str {
    match status {
        404 => "Is this the address of a simplestreams server? It has streams/v1/index.json below it.",
        401 | 403 => "The server does not let everybody read it, or not from here.",
        407 => "The proxy wants a user name and password: they go into the address in https_proxy or http_proxy.",
        500.. => "The server, or a proxy before it, is in trouble: try again later.",
        _ => "Is the address right?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_comes_with_advice() {
        let url = "https://images.example/streams/v1/index.json".to_owned();
        let error = ImageServerError::Status { url, status: 404 }.to_string();
        assert!(error.starts_with("Unable to read https://images.example/streams/v1/index.json: status 404. Is"));
        assert!(
            advice(503).contains("later") && advice(407).contains("https_proxy") && advice(403).contains("from here")
        );
    }
}
