//! What users copy, the examples and the HCL blocks in README.md and docs/: `terraform` takes each as it stands, where it is
//! new enough. A block is a whole configuration, which may leave out the `terraform` block. Of one with another provider beside
//! this one, only the form is checked.

use std::fs;
use std::path::Path;

use crate::support::lab::Lab;
use crate::support::published::{Published, blocks, configuration, examples};
use crate::support::simplestreams::SimplestreamsServer;
use crate::support::terraform::Workspace;

#[test]
fn every_example_is_valid() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    // Those are run, which is more.
    let validated = examples().into_iter().filter(|example| !example.place.starts_with("examples/from-ansible/"));
    validated.for_each(|example| validate(&run, &example));
}

/// lxc/incus itself only the network has.
#[test]
fn beside_another_provider_of_the_type_ours_goes_by_another_local_name() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine/edge", &image);
    lab.client_config(&format!("remotes: {{images: {{addr: \"{}\", protocol: simplestreams}}}}", server.url()));
    let both = configuration("guides/both-providers/main.tf");
    let from = both.find("provider \"images\"").expect("our provider");
    let to = both.find("# Newer content").expect("what lxc/incus makes of the image");
    let run = lab.terraform(&both[from..to]);
    run.write("versions.tf", &REQUIRED.replace("incus =", "images =")).settles();
    assert_eq!(lab.image("alpine")["fingerprint"], image.fingerprint);
}

#[test]
fn every_block_in_the_documentation_is_valid() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    let configurations = blocks().into_iter().filter(|block| !block.is_cli_configuration());
    configurations.for_each(|block| validate(&run, &block));
}

#[test]
fn everything_is_formatted() {
    let Some(lab) = Lab::start() else { return };
    let run = lab.terraform("");
    // Settings of the command line are written in an older HCL.
    for published in examples().into_iter().chain(blocks()).filter(|block| !block.is_cli_configuration()) {
        let name = published.place.replace(['/', ':', '.'], "-");
        run.write(&format!("{name}.tf"), &published.text).write(&format!("{name}-query.tf"), &published.query);
    }
    run.run(["fmt", "-check", "-diff"]).succeeds();
}

#[test]
fn every_example_from_ansible_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = fs::read_to_string(root.join("tests/suite/cli/from_ansible.rs")).expect("the tests");
    let examples = examples().into_iter().filter_map(|example| {
        let name = example.place.strip_prefix("examples/from-ansible/")?;
        Some(name.to_owned())
    });
    let forgotten: Vec<_> = examples.filter(|name| !tests.contains(&format!("example(&lab, \"{name}\")"))).collect();
    assert!(forgotten.is_empty(), "tests/suite/cli/from_ansible.rs runs {forgotten:?}");
}

#[track_caller]
fn validate(run: &Workspace, published: &Published) {
    if published.needs() > minor_version(run) || published.needs_others() {
        return;
    }
    let versions = if published.names_provider() { "" } else { REQUIRED };
    // A demand that is not met shows this file, and so the place.
    let main = format!("# {}\n{}", published.place, published.text);
    run.write("versions.tf", versions).write("main.tf", &main).write("main.tfquery.hcl", &published.query);
    run.validate().succeeds();
}

const REQUIRED: &str = "terraform {\n  required_providers {\n    incus = { source = \"crystian/incus\" }\n  }\n}\n";

/// Of Terraform 1. What Terraform alone has, OpenTofu of the same version may lack: it counts as older.
fn minor_version(run: &Workspace) -> u64 {
    let version = run.run(["version"]);
    let first = version.stdout().lines().next().unwrap_or_default();
    let minor = first.strip_prefix("Terraform v1.").and_then(|rest| rest.split('.').next());
    minor.and_then(|minor| minor.parse().ok()).unwrap_or_default()
}
