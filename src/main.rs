//! The plugin binary: arguments, then serve. Everything else is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use terraform_provider_incus::provider::IncusProvider;
use terraform_provider_incus::tfplugin::process::{About, run};
use terraform_provider_incus::tfplugin::wire::service;

/// The index of a large image server is a hundred thousand small texts: the allocator of musl, for which releases are built, takes
/// longer for them than all else together.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const ABOUT: About =
    About { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION"), source: "crystian/incus" };

fn main() -> ExitCode {
    run(&ABOUT, |stop| service(IncusProvider::default(), stop))
}
