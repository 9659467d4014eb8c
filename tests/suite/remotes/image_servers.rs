//! Image servers with a certificate that only the user knows.

use serde_json::json;

use super::image;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_certificate_of_the_users_is_enough_for_both_who_ask() {
    let server = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    server.publish("alpine/edge", &files);
    let certificate = std::fs::read_to_string(server.certificate().unwrap()).unwrap();
    let block = |argument: &str| {
        format!(
            "provider \"incus\" {{\n  remote {{\n    name = \"upstream\"\n    address = \"{}\"\n    protocol = \"simplestreams\"\n    {argument}\n  }}\n}}\n{}",
            server.url(),
            image("alias = \"alpine\"\n  source = \"upstream:alpine/edge\"")
        )
    };
    let run = lab.terraform(&block(""));
    run.apply().fails_with("does not trust the image server");
    run.config(&block(&format!("server_certificate = {}", json!(certificate)))).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], files.fingerprint);
    run.destroy().succeeds();
    std::fs::create_dir(lab.path("client/servercerts")).unwrap();
    std::fs::write(lab.path("client/servercerts/upstream.crt"), &certificate).unwrap();
    run.config(&block("")).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], files.fingerprint);
}
