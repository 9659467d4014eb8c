//! The plugin process: handshake, mutual TLS, listener, go-plugin's services, logging and the end of life.
//! What is served comes from the caller; nothing here knows what a provider does.

mod arguments;
mod connection;
mod debug;
mod error;
mod handshake;
mod hclog;
mod lifetime;
mod listener;
mod logging;
pub(super) mod panic;
mod server;
mod services;
mod tls;
mod verifier;

use std::convert::Infallible;
use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::server::NamedService;

use self::arguments::{Command, help};
use self::error::Error;
use super::stop::Stop;

/// What the process says of itself.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name of the binary, `terraform-provider-` and the provider type.
    pub name: &'static str,
    /// Version, without a leading `v`.
    pub version: &'static str,
    /// Source address as configurations have it, without a host: Terraform and OpenTofu each put in their own registry's.
    pub source: &'static str,
}

impl About {
    /// The provider type, as in `provider "…"`.
    fn provider_type(&self) -> &'static str {
        self.name.strip_prefix("terraform-provider-").unwrap_or(self.name)
    }
}

/// A gRPC service as tonic generates them.
pub trait GrpcService:
    Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible, Future: Send>
    + NamedService
    + Clone
    + Send
    + Sync
    + 'static
{
}

impl<T> GrpcService for T where
    T: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible, Future: Send>
        + NamedService
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Does what the command line asks. Without arguments: serves Terraform until it sends `Shutdown` or goes away.
///
/// `service` builds the gRPC service, and only when something is going to be served. Its requests should run under
/// [`Stop::begin`]: the process waits for them when Terraform dies, and cancels them through it.
pub fn run<S: GrpcService>(about: &About, service: impl FnOnce(Stop) -> S) -> ExitCode {
    let outcome = match Command::parse(env::args_os().skip(1)) {
        Ok(Command::Serve) => handshake::check_cookie().and_then(|()| server::serve(about, service)),
        Ok(Command::Debug) => server::serve_debugger(about, service),
        Ok(Command::Version) => print(&format!("{} {}\n", about.name, about.version)),
        Ok(Command::Help) => print(&help(about)),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Terraform logs a line with this prefix as an error; a person reads it as it is.
            let _ = writeln!(io::stderr(), "[ERROR] {}", error.report(about));
            ExitCode::FAILURE
        }
    }
}

/// Writes to stdout at once. During a normal start only the handshake does this.
fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::Stdout)
}
