//! TLS of this client: 1.2 and 1.3 with ring. Not for the plugin process, which has its own.

use std::sync::Arc;

use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

/// Trusts whom this machine trusts. On Linux `SSL_CERT_FILE` and `SSL_CERT_DIR` name other places to look. Reads some
/// hundred certificates, so not to be done before it is needed.
pub(crate) fn of_this_machine() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_platform_verifier()?.with_no_client_auth())
}

/// Trusts nobody, and reads nothing: for where no TLS is spoken.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let trusting = builder.with_safe_default_protocol_versions()?.with_root_certificates(RootCertStore::empty());
    Ok(trusting.with_no_client_auth())
}
