//! TLS of this client, with ring. Not for the plugin process, which has its own.

mod trust;
mod verifier;

use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore, SupportedProtocolVersion, version};

use super::remotes::Identity;
pub(crate) use trust::{Otherwise, Trust};
use verifier::ServerVerifier;
pub(crate) use verifier::{Observed, Verdict};

/// All that is still secure.
const WEB: &[&SupportedProtocolVersion] = &[&version::TLS13, &version::TLS12];

/// What Incus speaks.
const INCUS: &[&SupportedProtocolVersion] = &[&version::TLS13];

/// For an image server, which is trusted as `trust` says.
pub(crate) fn of_image_server(trust: Trust) -> Result<ClientConfig, Error> {
    client(WEB, trust, None, Arc::default())
}

/// For an Incus server, to which this client proves its identity if it has one.
pub(crate) fn of_incus(
    trust: Trust,
    identity: Option<Identity>,
    observed: Arc<Observed>,
) -> Result<ClientConfig, Error> {
    client(INCUS, trust, identity, observed)
}

/// Trusts nobody, and reads nothing: for where no TLS is spoken.
pub(crate) fn trusting_nobody() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let trusting = builder.with_protocol_versions(WEB)?.with_root_certificates(RootCertStore::empty());
    Ok(trusting.with_no_client_auth())
}

fn client(
    versions: &[&'static SupportedProtocolVersion],
    trust: Trust,
    identity: Option<Identity>,
    observed: Arc<Observed>,
) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(ServerVerifier::new(trust, &provider, observed)?);
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    match identity {
        Some(identity) => builder.with_client_auth_cert(identity.chain, identity.key),
        None => Ok(builder.with_no_client_auth()),
    }
}
