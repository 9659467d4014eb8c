//! Makes a certificate and key for this client, of the kind that the `incus` client makes. Not for writing them.

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384};
use time::{Duration, OffsetDateTime};

use crate::incus::Certificate;
use crate::incus::certificate::pem;

/// A certificate and its key, in PEM form.
pub(super) struct Made {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// Makes a certificate that is valid for ten years.
pub(super) fn identity() -> Result<Made, Box<dyn std::error::Error + Send + Sync>> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384)?;
    let mut params = CertificateParams::default();
    let now = OffsetDateTime::now_utc();
    // A minute for a server whose clock is behind.
    params.not_before = now - Duration::minutes(1);
    params.not_after = now + Duration::days(10 * 365);
    params.distinguished_name.push(DnType::CommonName, env!("CARGO_PKG_NAME"));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = Certificate::from_der(params.self_signed(&key)?.der().clone())?;
    Ok(Made { certificate: certificate.to_pem(), key: pem("PRIVATE KEY", &key.serialize_der()) })
}
