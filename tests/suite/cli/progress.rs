//! What `TF_LOG=info` says of long steps while they last.

use super::{alpine, upstream};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_long_step_says_how_far_it_is() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let images = lab.images();
    server.publish("copied", &images.split("copied"));
    server.publish("relayed", &images.version(2).split("relayed"));
    // Longer than the interval between two reports.
    let slow = server.slow_url(500);
    let run = lab
        .terraform(&format!(
            "{}{}resource \"incus_image\" \"relayed\" {{\n  alias = \"relayed\"\n  source = \"upstream:relayed\"\n  mode = \"relay\"\n}}\n",
            upstream(&slow),
            alpine("alias = \"copied\"\n  source = \"upstream:copied\"")
        ))
        .env("TF_LOG", "info");
    let applied = run.apply();
    applied.succeeds();
    applied.line(&format!("still at it: copy image {}", lab.image("copied")["fingerprint"].as_str().unwrap()));
    let relayed = lab.image("relayed")["fingerprint"].as_str().unwrap().to_owned();
    let line = applied.line(&format!("still at it: relay image {relayed} from {slow}"));
    assert!(line.contains(": 0.0 MB"), "{line}");
}
