//! How a host and its plugin recognise each other: the cookie in the environment and the one line on stdout.

use std::env;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio_rustls::rustls::pki_types::CertificateDer;

use super::error::Error;
use super::listener::Address;

/// Says "a host of Terraform plugins started you". It is no secret and grants nothing.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// Version of go-plugin's handshake.
const CORE_VERSION: u32 = 1;

/// Version of Terraform's protocol. With only one there is nothing to choose from `PLUGIN_PROTOCOL_VERSIONS`: a host
/// that doesn't offer it reads it here and says so better than we could.
const PROTOCOL_VERSION: u32 = 5;

/// Refuses to go on when nobody is there to read the handshake.
pub(super) fn check_cookie() -> Result<(), Error> {
    let (name, value) = COOKIE;
    if env::var_os(name).is_some_and(|given| given == value) { Ok(()) } else { Err(Error::NotTerraform) }
}

/// The handshake: where we listen and, with mutual TLS, the certificate that proves it is us.
pub(super) fn line(address: &Address, certificate: Option<&CertificateDer<'_>>) -> String {
    // The alphabet is the standard one and padding is an error to the host.
    let certificate = certificate.map(|certificate| STANDARD_NO_PAD.encode(certificate)).unwrap_or_default();
    let (network, address) = (address.network(), address.location());
    format!("{CORE_VERSION}|{PROTOCOL_VERSION}|{network}|{address}|grpc|{certificate}\n")
}
