//! Whom to trust, as a value. Not for verifying anybody, see `verifier`.

use crate::incus::certificate::{Certificate, Pin};

/// Which servers are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trust {
    /// Who has exactly this certificate, whatever its names, as Incus has it.
    pub(crate) pin: Option<Pin>,
    /// Who else.
    pub(crate) otherwise: Otherwise,
}

/// Which servers are trusted beside one that is known by its certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Otherwise {
    /// None.
    Nobody,
    /// Those that this machine trusts. On Linux `SSL_CERT_FILE` and `SSL_CERT_DIR` name other places to look.
    ThisMachine,
    /// Those with a certificate that one of these authorities signed.
    Authorities(Vec<Certificate>),
}
