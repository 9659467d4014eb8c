//! Mutual TLS as go-plugin's `AutoMTLS` wants it: a fresh certificate for this process, and the host as its only client.

use std::env;
use std::sync::Arc;

use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::CryptoProvider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, version};

use super::error::Error;
use super::verifier::HostVerifier;

/// The server's half of mutual TLS.
pub(super) struct MutualTls {
    /// What the host will expect to see, from the handshake.
    pub(super) certificate: CertificateDer<'static>,
    pub(super) acceptor: TlsAcceptor,
}

impl MutualTls {
    /// Reads the host's certificate from the environment. `None` when it gave none: it was told to do without TLS
    /// (`TF_DISABLE_PLUGIN_TLS`).
    pub(super) fn from_environment(crypto: &Arc<CryptoProvider>) -> Result<Option<Self>, Error> {
        let host = env::var_os("PLUGIN_CLIENT_CERT").filter(|pem| !pem.is_empty());
        let Some(host) = host else { return Ok(None) };
        let host = CertificateDer::from_pem_slice(host.as_encoded_bytes()).map_err(Error::ClientCertificate)?;
        let (certificate, key) = make_certificate()?;

        let mut config = ServerConfig::builder_with_provider(Arc::clone(crypto))
            .with_protocol_versions(&[&version::TLS13])?
            .with_client_cert_verifier(Arc::new(HostVerifier::new(host)))
            .with_single_cert(vec![certificate.clone()], key)?;
        // grpc-go refuses a server that doesn't choose h2 (since 1.67; Terraform 1.15, OpenTofu 1.12).
        config.alpn_protocols = vec![b"h2".to_vec()];
        // The host connects once, so there is nothing to resume.
        config.send_tls13_tickets = 0;
        Ok(Some(Self { certificate, acceptor: TlsAcceptor::from(Arc::new(config)) }))
    }
}

/// Makes the certificate and key of this process. The host checks for the name `localhost` whatever the address.
fn make_certificate() -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Error> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    let now = OffsetDateTime::now_utc();
    // A minute for a clock that is set back meanwhile; the years are go-plugin's own.
    params.not_before = now - Duration::minutes(1);
    params.not_after = now + Duration::days(30 * 365);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.self_signed(&key)?;
    Ok((certificate.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into())))
}
