//! Judges the certificates of servers, and remembers what it saw: an error says it to the user, and another server may need it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls_platform_verifier::Verifier as MachineVerifier;
use time::OffsetDateTime;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::{Otherwise, Trust};
use crate::incus::certificate::{Certificate, Pin, Validity};

/// What was seen of a server, last.
#[derive(Debug, Default)]
pub(crate) struct Observed(Mutex<Option<(Certificate, Verdict)>>);

/// What to think of a server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is the server's.
    Trusted,
    /// Nobody whom we trust says so; why.
    Unknown(String),
    /// It is another one than the server is known by.
    Changed,
    /// Its time has not come.
    NotBefore(OffsetDateTime),
    /// Its time is over.
    Expired(OffsetDateTime),
}

#[derive(Debug)]
pub(super) struct ServerVerifier {
    pin: Option<Pin>,
    authorities: Option<Arc<dyn ServerCertVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
    observed: Arc<Observed>,
}

impl Observed {
    /// The certificate, and what to think of it.
    pub(crate) fn last(&self) -> Option<(Certificate, Verdict)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, certificate: Certificate, verdict: Verdict) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((certificate, verdict));
    }
}

impl ServerVerifier {
    pub(super) fn new(trust: Trust, provider: &Arc<CryptoProvider>, observed: Arc<Observed>) -> Result<Self, Error> {
        let authorities: Option<Arc<dyn ServerCertVerifier>> = match trust.otherwise {
            Otherwise::Nobody => None,
            // Reads some hundred certificates. A machine without any trusts nobody.
            Otherwise::ThisMachine => match MachineVerifier::new(Arc::clone(provider)) {
                Ok(verifier) => Some(Arc::new(verifier)),
                Err(error) => {
                    tracing::debug!(%error, "this machine knows no authorities");
                    None
                }
            },
            Otherwise::Authorities(certificates) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates {
                    roots.add(certificate.der().clone())?;
                }
                let verifier =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
                Some(verifier.map_err(|error| Error::General(error.to_string()))?)
            }
        };
        let algorithms = provider.signature_verification_algorithms;
        Ok(Self { pin: trust.pin, authorities, algorithms, observed })
    }

    fn judge(
        &self,
        certificate: &Certificate,
        chain: impl FnOnce(&dyn ServerCertVerifier) -> Result<ServerCertVerified, Error>,
    ) -> Verdict {
        if self.pin.as_ref().is_some_and(|pin| pin.accepts(certificate)) {
            return match certificate.validity(OffsetDateTime::now_utc()) {
                Validity::Valid => Verdict::Trusted,
                Validity::NotBefore(from) => Verdict::NotBefore(from),
                Validity::Expired(to) => Verdict::Expired(to),
            };
        }
        let refused = match self.authorities.as_deref().map(chain) {
            Some(Ok(_)) => return Verdict::Trusted,
            Some(Err(error)) => error.to_string(),
            None => "this machine knows no authorities".to_owned(),
        };
        match (&self.pin, certificate.validity(OffsetDateTime::now_utc())) {
            (Some(_), _) => Verdict::Changed,
            (None, Validity::Expired(to)) => Verdict::Expired(to),
            (None, Validity::NotBefore(from)) => Verdict::NotBefore(from),
            (None, Validity::Valid) => Verdict::Unknown(refused),
        }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let certificate = Certificate::from_der(end_entity.clone())
            .map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let verdict = self.judge(&certificate, |authorities| {
            authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        });
        self.observed.note(certificate, verdict.clone());
        match verdict {
            Verdict::Trusted => Ok(ServerCertVerified::assertion()),
            _ => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
