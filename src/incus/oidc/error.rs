//! Why this client is not logged in. No token is repeated.

use std::path::PathBuf;

use crate::incus::remotes::CredentialsError;

/// Why a server does not know us by a token.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no token.
    #[error("nobody has logged in to it: {file} holds no token", file = file.display())]
    Missing {
        /// Where the token would be.
        file: PathBuf,
    },
    /// The file of the tokens makes no sense.
    #[error("{file} does not hold tokens as the incus client keeps them", file = file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
    },
    /// A file can't be used.
    #[error(transparent)]
    File(#[from] CredentialsError),
    /// The token has expired, and nothing renews it.
    #[error("the login has expired, and {issuer} gave nothing to renew it with")]
    Unrenewable {
        /// The identity provider.
        issuer: String,
    },
    /// The identity provider does not renew the token.
    #[error("the login has expired, and {issuer} does not renew it: {message}")]
    Expired {
        /// The identity provider.
        issuer: String,
        /// Its words.
        message: String,
    },
    /// The identity provider can't be asked.
    #[error("the login has expired, and {issuer} can't be asked to renew it")]
    Unreachable {
        /// The identity provider.
        issuer: String,
        /// Why not.
        source: reqwest::Error,
    },
    /// What answers is no identity provider.
    #[error("the login has expired, and {issuer} does not answer as an OpenID provider does: {detail}")]
    Misunderstood {
        /// The identity provider.
        issuer: String,
        /// What is odd.
        detail: String,
    },
    /// No request can be made.
    #[error("the login has expired, and no request to renew it can be made")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server does not take a token that is fresh.
    #[error("it does not take the login: {message}")]
    Refused {
        /// The server's words.
        message: String,
    },
    /// The server takes no tokens at all.
    #[error("it does not know OpenID Connect")]
    NotOffered,
}
