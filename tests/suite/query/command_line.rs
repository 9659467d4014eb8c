//! `terraform query`, where the command line knows it.

use std::fs;

use crate::support::lab::Lab;

#[test]
fn what_is_found_is_brought_under_management_by_generated_configuration() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    if !run.knows_query_and_actions() {
        return;
    }
    let (unified, split) = (lab.images().unified("unified"), lab.images().version(2).split("split"));
    lab.by_hand("unified", &unified);
    lab.by_hand("split", &split);
    run.config("provider \"incus\" {}\n");
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/list-resources/incus_image/list-resource.tfquery.hcl");
    run.write("images.tfquery.hcl", &fs::read_to_string(example).expect("the example"));
    run.run(["query", "-no-color"]).succeeds().shows("split").shows(&unified.fingerprint);

    run.write("images.tfquery.hcl", "list \"incus_image\" \"all\" {\n  provider = incus\n}\n");
    run.run(["query", "-no-color", "-generate-config-out=images.tf"]).succeeds();
    run.apply().succeeds().shows("2 imported, 0 added, 0 changed, 0 destroyed");
    run.plan().is_empty();
}
