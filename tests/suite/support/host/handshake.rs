//! The handshake line, read as strictly as go-plugin reads it.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// What a plugin says of itself on stdout.
#[derive(Clone, Debug)]
pub(crate) struct Handshake {
    /// Version of Terraform's protocol.
    pub(crate) version: u32,
    /// `unix` or `tcp`.
    pub(crate) network: String,
    /// A path, or host and port.
    pub(crate) address: String,
    /// Absent without TLS.
    pub(crate) certificate: Option<CertificateDer<'static>>,
}

impl Handshake {
    pub(crate) fn parse(line: &str) -> Self {
        let line = line.strip_suffix('\n').expect("the handshake is a whole line");
        let fields: Vec<_> = line.split('|').collect();
        let ["1", version, network, address, "grpc", certificate] = fields[..] else {
            panic!("not a handshake: {line:?}");
        };
        let certificate = (!certificate.is_empty())
            .then(|| STANDARD_NO_PAD.decode(certificate).expect("the certificate is base64 without padding").into());
        Self {
            version: version.parse().expect("the protocol version is a number"),
            network: network.to_owned(),
            address: address.to_owned(),
            certificate,
        }
    }

    /// Whether nothing of the listener is left: neither the socket nor the directory made for it.
    pub(crate) fn is_gone(&self) -> bool {
        let path = Path::new(&self.address);
        self.network != "unix" || !(path.exists() || path.parent().is_some_and(Path::exists))
    }
}
