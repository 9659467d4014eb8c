//! Servers on the network: how they are found, trusted and joined, and that everything works there.

mod certificates;
mod client_files;
mod configuration;
mod copies;
mod exchange;
mod image_servers;
mod join;
mod oci;
mod oidc;
mod registries;
mod trust;

use std::process::Command;

use crate::support::lab::Lab;
use crate::support::terraform::Workspace;

/// The address of the resource that [`image`] declares.
const IMAGE: &str = "incus_image.image";

/// A resource with these arguments.
fn image(arguments: &str) -> String {
    format!("resource \"incus_image\" \"image\" {{\n  {arguments}\n}}\n")
}

/// A provider with these arguments, and a remote `far` at this address with these.
fn block(address: &str, provider: &str, remote: &str) -> String {
    format!(
        "provider \"incus\" {{\n  {provider}\n  remote {{\n    name = \"far\"\n    address = \"{address}\"\n    {remote}\n  }}\n}}\n"
    )
}

/// The same, where the remote is the daemon of that lab.
fn opened(far: &Lab, provider: &str, remote: &str) -> String {
    block(&far.url(), provider, remote)
}

/// All that is in the plan file.
fn unzipped(run: &Workspace) -> String {
    let output = Command::new("unzip").arg("-p").arg(run.path("next.tfplan")).output().expect("unzip");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
