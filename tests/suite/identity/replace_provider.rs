//! The real command line over a state that lxc/incus has written, once `state replace-provider` gave it our name.

use serde_json::{Value as Json, json};

use super::put;
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

#[test]
fn a_state_of_the_general_provider_goes_on_under_our_name() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    put(&lab, &files, &["alpine", "edge"]);
    let held = lab.image("alpine");
    let run = lab.terraform(&format!(
        r#"
resource "incus_image" "alpine" {{
  alias   = "alpine"
  aliases = ["edge"]
  {}
}}"#,
        files.arguments()
    ));
    let registry = match run.run(["version"]).stdout().starts_with("OpenTofu") {
        true => "registry.opentofu.org",
        false => "registry.terraform.io",
    };
    run.write("terraform.tfstate", &state_file(&files, registry).to_string());
    run.run(["state", "replace-provider", "-auto-approve", "lxc/incus", "crystian/incus"]).succeeds();

    run.plan().is_empty();
    run.settles().shows("0 added, 0 changed, 0 destroyed");
    assert_eq!(lab.image("alpine"), held, "the server is left as it was");
    let state = run.state("incus_image.alpine");
    assert_eq!(state["id"], format!("local:default/{}", files.fingerprint));
    assert_eq!(state["aliases"], json!(["edge"]));

    run.destroy().succeeds();
    lab.has_no_images();
}

/// What lxc/incus leaves behind for an image from files.
fn state_file(files: &ImageFiles, registry: &str) -> Json {
    let alias = |name: &str| json!({"name": name, "description": ""});
    json!({
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 3,
        "lineage": "0f5a3a3e-4f2a-4e4b-9d0e-0d9c1b0c7f11",
        "outputs": {},
        "resources": [{
            "mode": "managed",
            "type": "incus_image",
            "name": "alpine",
            "provider": format!("provider[\"{registry}/lxc/incus\"]"),
            "instances": [{
                "schema_version": 0,
                "attributes": {
                    "alias": [alias("edge"), alias("alpine")],
                    "copied_aliases": null,
                    "created_at": 1_700_000_000,
                    "fingerprint": files.fingerprint,
                    "project": null,
                    "remote": null,
                    "resource_id": format!(":{}", files.fingerprint),
                    "source_file": {"data_path": files.rootfs, "metadata_path": files.source},
                    "source_image": null,
                    "source_instance": null,
                },
                "sensitive_attributes": [],
                "private": "bnVsbA==",
            }],
        }],
        "check_results": null,
    })
}
