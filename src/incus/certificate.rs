//! The certificate of a server or a client: what it is told apart by, and how long it is valid. Not for trusting one, see `tls`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use x509_parser::parse_x509_certificate;

use super::hex;

/// Characters in a line of PEM.
const LINE: usize = 64;

/// A certificate, as it is sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

/// The SHA-256 of a certificate, as Incus and `openssl x509 -fingerprint -sha256` show it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateFingerprint(String);

/// What one certificate is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// All of it.
    Certificate(Certificate),
    /// Its SHA-256.
    Fingerprint(CertificateFingerprint),
}

/// Whether a certificate is valid now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Validity {
    Valid,
    NotBefore(OffsetDateTime),
    Expired(OffsetDateTime),
}

/// Why something is no certificate. It repeats nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCertificate {
    /// No PEM with a certificate in it.
    #[error("it holds no certificate in PEM form")]
    NoPem,
    /// A certificate that can't be read.
    #[error("the certificate in it is damaged")]
    Damaged,
    /// Neither PEM nor a SHA-256.
    #[error("it is neither a certificate in PEM form nor the SHA-256 of one, which is 64 hexadecimal digits")]
    NoPin,
}

impl Certificate {
    /// Reads the first certificate of a PEM text.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidCertificate> {
        Self::from_der(CertificateDer::from_pem_slice(pem.as_bytes()).map_err(|_| InvalidCertificate::NoPem)?)
    }

    /// Reads all certificates of a PEM text: one at least.
    pub(crate) fn all_from_pem(pem: &str) -> Result<Vec<Self>, InvalidCertificate> {
        let read = |der: Result<CertificateDer<'_>, _>| Self::from_der(der.map_err(|_| InvalidCertificate::NoPem)?);
        let all: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes()).map(read).collect::<Result<_, _>>()?;
        if all.is_empty() { Err(InvalidCertificate::NoPem) } else { Ok(all) }
    }

    pub(crate) fn from_der(der: CertificateDer<'_>) -> Result<Self, InvalidCertificate> {
        let damaged = |_| InvalidCertificate::Damaged;
        let (_, parsed) = parse_x509_certificate(&der).map_err(|_| InvalidCertificate::Damaged)?;
        let (from, to) = (parsed.validity().not_before.timestamp(), parsed.validity().not_after.timestamp());
        let not_before = OffsetDateTime::from_unix_timestamp(from).map_err(damaged)?;
        let not_after = OffsetDateTime::from_unix_timestamp(to).map_err(damaged)?;
        drop(parsed);
        Ok(Self { der: der.into_owned(), not_before, not_after })
    }

    pub(crate) fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// In PEM form, as the `incus` client keeps it.
    pub fn to_pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    /// What it is told apart by.
    pub fn fingerprint(&self) -> CertificateFingerprint {
        CertificateFingerprint(hex(Sha256::new_with_prefix(&self.der)))
    }

    pub(crate) fn validity(&self, now: OffsetDateTime) -> Validity {
        match now {
            _ if now < self.not_before => Validity::NotBefore(self.not_before),
            _ if now > self.not_after => Validity::Expired(self.not_after),
            _ => Validity::Valid,
        }
    }
}

/// Puts something in PEM form.
pub(crate) fn pem(what: &str, der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let lines: Vec<_> = encoded.as_bytes().chunks(LINE).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}

impl CertificateFingerprint {
    /// Reads 64 hexadecimal digits, with or without colons between the bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidCertificate> {
        let digits = text.trim().replace(':', "").to_lowercase();
        match digits.len() == 64 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            true => Ok(Self(digits)),
            false => Err(InvalidCertificate::NoPin),
        }
    }
}

impl Pin {
    /// Reads a certificate in PEM form, or the SHA-256 of one.
    pub fn parse(text: &str) -> Result<Self, InvalidCertificate> {
        match text.contains("-----BEGIN") {
            true => Certificate::from_pem(text).map(Self::Certificate),
            false => CertificateFingerprint::parse(text).map(Self::Fingerprint),
        }
    }

    pub(crate) fn accepts(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Certificate(pinned) => pinned.der == certificate.der,
            Self::Fingerprint(pinned) => *pinned == certificate.fingerprint(),
        }
    }

    /// The SHA-256 of the only certificate that is accepted.
    pub(crate) fn fingerprint(&self) -> CertificateFingerprint {
        match self {
            Self::Certificate(certificate) => certificate.fingerprint(),
            Self::Fingerprint(fingerprint) => fingerprint.clone(),
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint())
    }
}

impl fmt::Debug for CertificateFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for CertificateFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use time::Duration;

    use super::*;

    /// A certificate that is valid for these days around now.
    pub(crate) fn valid(before: i64, after: i64) -> Certificate {
        let mut params = CertificateParams::new(vec!["incus.example".to_owned()]).unwrap();
        params.not_before = OffsetDateTime::now_utc() + Duration::days(before);
        params.not_after = OffsetDateTime::now_utc() + Duration::days(after);
        let made = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        Certificate::from_der(made.der().clone()).unwrap()
    }

    #[test]
    fn pem_is_read_and_written() {
        let certificate = valid(-1, 1);
        let pem = certificate.to_pem();
        assert!(pem.lines().all(|line| line.len() <= 64), "{pem}");
        assert_eq!(Certificate::from_pem(&pem), Ok(certificate.clone()));
        assert_eq!(format!("{certificate:?}"), format!("Certificate({})", certificate.fingerprint()));
        assert_eq!(Certificate::from_pem("no"), Err(InvalidCertificate::NoPem));
        let damaged = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        assert_eq!(Certificate::from_pem(damaged), Err(InvalidCertificate::Damaged));
    }

    #[test]
    fn a_bundle_is_read_to_its_end() {
        let (one, other) = (valid(-1, 1), valid(-1, 1));
        let bundle = format!("# One\n{}\n# Other\n{}", one.to_pem(), other.to_pem());
        assert_eq!(Certificate::all_from_pem(&bundle), Ok(vec![one.clone(), other]));
        assert_eq!(Certificate::all_from_pem("no"), Err(InvalidCertificate::NoPem));
        let damaged = format!("{}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", one.to_pem());
        assert_eq!(Certificate::all_from_pem(&damaged), Err(InvalidCertificate::Damaged));
    }

    #[test]
    fn a_pin_accepts_one_certificate() {
        let (one, other) = (valid(-1, 1), valid(-1, 1));
        let digits = one.fingerprint().to_string();
        let pairs: Vec<_> =
            digits.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect();
        for text in [one.to_pem(), digits.clone(), pairs.join(":"), format!(" {digits}\n")] {
            let pin = Pin::parse(&text).unwrap();
            assert!(pin.accepts(&one) && !pin.accepts(&other), "{text}");
            assert_eq!(pin.fingerprint(), one.fingerprint());
        }
        for text in ["", "ab", &format!("{digits}0"), &"g".repeat(64)] {
            assert_eq!(Pin::parse(text), Err(InvalidCertificate::NoPin), "{text}");
        }
    }

    #[test]
    fn it_is_valid_for_a_time() {
        let now = OffsetDateTime::now_utc();
        assert_eq!(valid(-1, 1).validity(now), Validity::Valid);
        assert!(matches!(valid(1, 2).validity(now), Validity::NotBefore(from) if from > now));
        assert!(matches!(valid(-2, -1).validity(now), Validity::Expired(to) if to < now));
    }
}
