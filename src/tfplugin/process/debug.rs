//! `--debug`: what a person copies into the shell where Terraform runs.

use std::process;

use serde_json::json;

use super::About;
use super::listener::Address;

/// The instructions, with the variable that makes Terraform attach to this process instead of starting its own.
pub(super) fn instructions(about: &About, address: &Address) -> String {
    let providers = json!({
        about.source: {
            "Protocol": "grpc",
            "ProtocolVersion": 5,
            "Pid": process::id(),
            // Terraform then leaves ending this process to us.
            "Test": true,
            "Addr": { "Network": address.network(), "String": address.location() },
        }
    });
    let providers = providers.to_string().replace('\'', r"'\''");
    format!(
        "{} serves until interrupted (Ctrl-C). In another shell, start Terraform or OpenTofu with:\n\n\
         \tTF_REATTACH_PROVIDERS='{providers}'\n\n",
        about.name
    )
}
