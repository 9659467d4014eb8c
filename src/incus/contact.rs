//! Why a server on the network and this client don't come together. Not for what to do about it: the provider says that.

use time::OffsetDateTime;

use super::certificate::{Certificate, CertificateFingerprint, Pin};
use super::remotes::CredentialsError;
use super::tls::Verdict;
use super::{Error, LoginError, Obstacle};

/// A remote that can't be used.
#[derive(Debug, thiserror::Error)]
#[error("Unable to use remote {remote:?} at {address}: {reason}")]
pub struct ContactError {
    /// The remote.
    pub remote: String,
    /// The address asked.
    pub address: String,
    /// Why not.
    #[source]
    pub reason: Reason,
}

/// Why a remote can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// No connection.
    #[error("{obstacle}")]
    Unreachable {
        /// What is in the way.
        obstacle: Obstacle,
        /// How the connection failed.
        source: reqwest::Error,
    },
    /// None of several addresses answers: each, and why.
    #[error("none of these addresses answers{}", .0.iter().map(|(address, reason)| format!("\n{address}: {reason}")).collect::<String>())]
    NobodyAnswers(Vec<(String, Reason)>),
    /// Nobody knows the server.
    #[error("its certificate is not known here ({detail}). Its SHA-256 is {certificate}")]
    UnknownServer {
        /// What the server shows.
        certificate: CertificateFingerprint,
        /// What its judge says.
        detail: String,
    },
    /// The server shows another certificate than it is known by.
    #[error(
        "its certificate is not the one that it is known by. It shows {certificate}, and {known} is expected (SHA-256)"
    )]
    ChangedServer {
        /// What the server shows.
        certificate: CertificateFingerprint,
        /// What it ought to show.
        known: CertificateFingerprint,
    },
    /// The server's certificate is over.
    #[error("its certificate expired on {date}", date = .0.date())]
    ExpiredServer(OffsetDateTime),
    /// The server's certificate is not valid yet.
    #[error("its certificate is valid only from {date} on", date = .0.date())]
    EarlyServer(OffsetDateTime),
    /// Our own certificate or key, or the note of theirs, is not usable.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// There is no login that the server takes.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The server does not know us.
    #[error("it does not trust the certificate of this client, the SHA-256 of which is {client}")]
    Untrusted {
        /// Our certificate.
        client: CertificateFingerprint,
    },
    /// The token that was given is another server's.
    #[error("it does not trust this client, and the token was made by another server")]
    ForeignToken,
    /// The server did not take the token.
    #[error("it does not take the token: {message}")]
    TokenRefused {
        /// The server's words.
        message: String,
    },
    /// Anything else.
    #[error(transparent)]
    Other(Box<Error>),
}

impl Reason {
    /// Why a server is not trusted, if it is not; `known` is what it is known by.
    pub(crate) fn distrust(certificate: &Certificate, verdict: Verdict, known: Option<&Pin>) -> Option<Self> {
        let certificate = certificate.fingerprint();
        match (verdict, known) {
            (Verdict::Trusted, _) => None,
            (Verdict::Changed, Some(known)) => Some(Self::ChangedServer { certificate, known: known.fingerprint() }),
            (Verdict::Changed, None) => Some(Self::UnknownServer { certificate, detail: "it changed".to_owned() }),
            (Verdict::Unknown(detail), _) => Some(Self::UnknownServer { certificate, detail }),
            (Verdict::NotBefore(from), _) => Some(Self::EarlyServer(from)),
            (Verdict::Expired(to), _) => Some(Self::ExpiredServer(to)),
        }
    }
}
