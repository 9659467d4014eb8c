//! Looking images up, by the data sources `incus_images` and `incus_image`: against Incus servers and image servers, at the
//! protocol level and at the command line.

mod filters;
mod image_servers;
mod listing;
mod one;
mod projects;
mod requests;
mod use_cases;

use serde_json::{Value as Json, json};

use crate::support::core::Core;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// What is told about an image in the server's own words.
const TOLD: [&str; 11] = [
    "fingerprint",
    "aliases",
    "type",
    "properties",
    "public",
    "auto_update",
    "cached",
    "profiles",
    "size",
    "filename",
    "project",
];

/// The one, and all.
const BOTH: [&str; 2] = ["incus_image", "incus_images"];

/// Terraform beside a lab, with an image server as the remote `upstream`.
fn core_with(lab: &Lab, upstream: &SimplestreamsServer) -> Core {
    Core::start_with(lab, &json!({"remote": [remote(upstream)]}))
}

/// The block that declares the remote `upstream`.
fn remote(upstream: &SimplestreamsServer) -> Json {
    json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"})
}

/// An image server with container images for two architectures and a virtual machine, all under the name `alpine/edge`, and
/// their fingerprints in this order.
fn image_server(lab: &Lab) -> (SimplestreamsServer, [String; 3]) {
    let server = SimplestreamsServer::start();
    let publish = |image: crate::support::images::ImageFiles| {
        server.publish("alpine/edge", &image);
        image.fingerprint
    };
    let own = publish(lab.images().split("alpine"));
    let foreign = publish(lab.images().architecture("aarch64").split("alpine"));
    let machine = publish(lab.images().virtual_machine("alpine"));
    (server, [own, foreign, machine])
}
