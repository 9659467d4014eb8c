//! The plugin binary: arguments, then serve. Everything else is in the library.

use std::process::ExitCode;

use terraform_provider_incus::tfplugin::process::{About, run};
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::provider_server::{Provider, ProviderServer};

const ABOUT: About = About {
    name: env!("CARGO_PKG_NAME"),
    version: env!("CARGO_PKG_VERSION"),
    address: "registry.terraform.io/crystian/incus",
};

struct Empty;

impl Provider for Empty {}

fn main() -> ExitCode {
    run(&ABOUT, |_stop| ProviderServer::new(Empty))
}
