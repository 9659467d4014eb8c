//! What an image is known by, and every way under management that is no create: import by id and by identity, generated
//! configuration, and states of the general provider lxc/incus.

mod answers;
mod generate;
mod import;
mod migrate;
mod replace_provider;
mod rules;

use serde_json::{Value as Json, json};

use crate::support::core::Core;
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// Puts an image on the server as somebody else would.
fn put(lab: &Lab, files: &ImageFiles, aliases: &[&str]) {
    let mut command = vec!["image".to_owned(), "import".to_owned()];
    command.extend(files.paths().iter().map(|path| path.to_str().unwrap().to_owned()));
    command.extend(aliases.iter().flat_map(|alias| ["--alias".to_owned(), (*alias).to_owned()]));
    lab.incus(command);
}

/// The configuration of an image from files.
fn of_file(files: &ImageFiles) -> Json {
    json!({"alias": "alpine", "source": files.source, "rootfs": files.rootfs})
}

/// Terraform with a remote `upstream` that is this server.
fn core_with(lab: &Lab, upstream: &SimplestreamsServer) -> Core {
    let remote = json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"});
    Core::start_with(lab, &json!({"remote": [remote]}))
}
