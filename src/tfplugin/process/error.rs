//! What can keep the process from serving, in words for the person who reads stderr or Terraform's log.

use std::error::Error as _;
use std::ffi::OsString;
use std::io;

use tokio_rustls::rustls;

use super::About;
use super::arguments::how_to_use;

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// Started by a person, or by something that isn't Terraform.
    #[error("This program is a Terraform provider: Terraform or OpenTofu starts it, and it does nothing on its own.")]
    NotTerraform,

    #[error("Unable to understand the argument {0:?}: only --debug, --version and --help are known")]
    Argument(OsString),

    #[error("Unable to start the runtime")]
    Runtime(#[source] io::Error),

    #[error("Unable to watch for signals")]
    Signals(#[source] io::Error),

    #[error("Unable to listen for Terraform")]
    Listen(#[source] io::Error),

    #[error("Unable to find a free port of 127.0.0.1 in {first}..={last}")]
    NoPort { first: u16, last: u16 },

    #[error("Unable to read the certificate in PLUGIN_CLIENT_CERT")]
    ClientCertificate(#[source] rustls::pki_types::pem::Error),

    #[error("Unable to make a certificate for this process")]
    Certificate(#[from] rcgen::Error),

    #[error("Unable to set up TLS")]
    Tls(#[from] rustls::Error),

    #[error("Unable to write to stdout")]
    Stdout(#[source] io::Error),

    #[error("Unable to serve Terraform")]
    Serve(#[from] tonic::transport::Error),
}

impl Error {
    /// The error, its causes, and what to do about it.
    pub(super) fn report(&self, about: &About) -> String {
        let mut report = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            report = format!("{report}: {error}");
            cause = error.source();
        }
        match self {
            Self::NotTerraform => {
                format!("{report} {}\n\n--debug serves for a debugger, --help lists all options.", how_to_use(about))
            }
            _ => report,
        }
    }
}
