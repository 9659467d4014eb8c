//! The host's end of the connection: `AutoMTLS` as go-plugin does it, and clients that pretend.

use std::io;
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use p521::ecdsa::signature::Signer as _;
use p521::ecdsa::{DerSignature, SigningKey};
use p521::pkcs8::DecodePrivateKey as _;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::verify_server_name;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::sign::{self, CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, SignatureAlgorithm, SignatureScheme, version,
};
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use super::plugin::Plugin;

const HOST_CERTIFICATE: &str = include_str!("../../fixtures/host_certificate.pem");
const HOST_KEY: &str = include_str!("../../fixtures/host_key.pem");
const STRANGER_CERTIFICATE: &str = include_str!("../../fixtures/stranger_certificate.pem");
const STRANGER_KEY: &str = include_str!("../../fixtures/stranger_key.pem");

/// Who a client of the plugin shows itself to be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Identity {
    /// The host that started the plugin.
    Host,
    /// Nobody: no certificate.
    Nobody,
    /// Another host.
    Stranger,
    /// Another host, with a copy of the host's certificate.
    Impostor,
}

/// Any stream of bytes.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Plugin {
    /// Connects the way Terraform does.
    pub(crate) async fn connect(&self) -> Channel {
        let stream = self.open(Identity::Host).await.expect("the plugin accepts its host");
        over(stream).await
    }

    /// Opens a connection up to and including our half of TLS. A client that the plugin refuses learns of it when it reads.
    pub(crate) async fn open(&self, identity: Identity) -> io::Result<Box<dyn Stream>> {
        let stream = self.open_bare().await?;
        let Some(certificate) = self.handshake().certificate.clone() else { return Ok(stream) };
        let connector = TlsConnector::from(Arc::new(config(certificate, identity)));
        let stream = connector.connect(ServerName::try_from("localhost").expect("a name"), stream).await?;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]), "grpc-go refuses a server without ALPN");
        Ok(Box::new(stream))
    }

    /// Opens a connection and says nothing.
    pub(crate) async fn open_bare(&self) -> io::Result<Box<dyn Stream>> {
        bare(&self.handshake().network, &self.handshake().address).await
    }
}

/// Connects to where a plugin listens.
pub(crate) async fn bare(network: &str, address: &str) -> io::Result<Box<dyn Stream>> {
    Ok(match network {
        "unix" => Box::new(UnixStream::connect(address).await?),
        _ => Box::new(TcpStream::connect(address).await?),
    })
}

/// gRPC over one connection, with no second one: Terraform has none either.
pub(crate) async fn over(stream: Box<dyn Stream>) -> Channel {
    let mut stream = Some(TokioIo::new(stream));
    let connector = service_fn(move |_| {
        let stream = stream.take().ok_or_else(|| io::Error::other("the only connection is lost"));
        async { stream }
    });
    let endpoint = Endpoint::from_static("http://localhost");
    endpoint.connect_with_connector(connector).await.expect("the plugin speaks HTTP/2")
}

fn config(server: CertificateDer<'static>, identity: Identity) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Pinned { server, provider: Arc::clone(&provider) });
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .expect("ring has TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match identity {
        Identity::Host => builder.with_client_cert_resolver(certified(HOST_CERTIFICATE, HOST_KEY)),
        Identity::Stranger => builder.with_client_cert_resolver(certified(STRANGER_CERTIFICATE, STRANGER_KEY)),
        Identity::Impostor => builder.with_client_cert_resolver(certified(HOST_CERTIFICATE, STRANGER_KEY)),
        Identity::Nobody => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

fn certified(certificate: &str, key: &str) -> Arc<SingleCertAndKey> {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("the fixture is a certificate");
    let key = PrivatePkcs8KeyDer::from_pem_slice(key.as_bytes()).expect("the fixture is a key");
    let key = SigningKey::from_pkcs8_der(key.secret_pkcs8_der()).expect("the key is on P-521");
    Arc::new(CertifiedKey::new(vec![certificate], Arc::new(P521(key))).into())
}

/// Accepts the certificate of the handshake for `localhost`, as Go does with it as the only root.
#[derive(Debug)]
struct Pinned {
    server: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
        if *end_entity == self.server {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        unreachable!("only TLS 1.3 is offered")
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A key on P-521, which ring can't sign with.
#[derive(Clone, Debug)]
struct P521(SigningKey);

impl sign::SigningKey for P521 {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn sign::Signer>> {
        // As Go: no certificate is sent to a server that can't check it.
        offered.contains(&SignatureScheme::ECDSA_NISTP521_SHA512).then(|| Box::new(self.clone()) as _)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl sign::Signer for P521 {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature: DerSignature = self.0.sign(message);
        Ok(signature.as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}
