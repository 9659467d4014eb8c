//! How a remote on the network is opened, as a value. Not for opening it, see `transport`.

use super::{ClientFiles, Remote, ServerUrls};
use crate::incus::TrustToken;

/// A remote on the network, and what is to be done at the first contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The remote.
    pub remote: Remote,
    /// Its addresses.
    pub urls: ServerUrls,
    /// Where certificates and keys are.
    pub files: ClientFiles,
    /// What to do with a server that nobody knows.
    pub first_contact: FirstContact,
    /// What to do without a certificate of our own.
    pub missing_identity: MissingIdentity,
    /// What lets us join it, where the remote has none of its own. It may be for another server.
    pub token: Option<TrustToken>,
}

/// What to do with the certificate of a server that nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FirstContact {
    /// Say so, and do nothing.
    #[default]
    Refuse,
    /// Trust it from then on.
    Accept,
}

/// What to do without a certificate of our own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingIdentity {
    /// Say so, and do nothing.
    #[default]
    Refuse,
    /// Make one.
    Generate,
}

impl Access {
    /// What lets us join the server.
    pub(crate) fn token(&self) -> Option<&TrustToken> {
        self.remote.token().or(self.token.as_ref())
    }
}
