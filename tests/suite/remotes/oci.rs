//! Images of a real container registry, on daemons that know those.

use std::fs;

use serde_json::json;

use super::{IMAGE, image};
use crate::support::lab::Lab;
use crate::support::registry::Registry;

fn config(registry: &Registry, arguments: &str) -> String {
    let url = registry.url();
    format!(
        "provider \"incus\" {{\n  remote {{\n    name = \"hub\"\n    address = \"{url}\"\n    protocol = \"oci\"\n  }}\n}}\n{}",
        image(&format!("alias = \"mine\"\n  source = \"hub:alpine:latest\"\n  {arguments}"))
    )
}

#[test]
fn an_image_is_copied_and_keeps_what_tells_it_apart() {
    let registry = Registry::start();
    let Some(lab) = Lab::start_beside(&registry) else { return };
    registry.publish("alpine", "one");
    let run = lab.terraform(&config(&registry, "public = true"));
    run.settles();
    let held = lab.image("mine");
    assert_eq!(held["properties"]["type"], "oci");
    assert_eq!(
        run.state(IMAGE)["update_source"],
        json!({"server": registry.url(), "protocol": "oci", "alias": "alpine:latest"})
    );

    run.config(&config(&registry, "extra_properties = { os = \"Alpine\" }")).settles();
    let changed = lab.image("mine");
    assert_eq!((&changed["properties"]["os"], &changed["properties"]["type"]), (&json!("Alpine"), &json!("oci")));
    assert_eq!(changed["uploaded_at"], held["uploaded_at"]);

    let only = "properties = { os = \"Alpine\" }";
    run.config(&config(&registry, only)).plan().fails_with("`properties`").shows("use `extra_properties` in its place");
    run.config(&config(&registry, "properties = { os = \"Alpine\", type = \"oci\" }")).settles();
    assert_eq!(lab.image("mine")["properties"], json!({"os": "Alpine", "type": "oci"}));
    run.destroy().succeeds();
    lab.has_no_images();
}

/// Without a source nothing says before the apply what kind of image it is.
#[test]
fn an_adopted_image_keeps_what_tells_it_apart() {
    let registry = Registry::start();
    let Some(lab) = Lab::start_beside(&registry) else { return };
    registry.publish("alpine", "one");
    lab.terraform(&config(&registry, "")).settles();
    let held = lab.image("mine");
    let run = lab.terraform(&image("alias = \"mine\"\n  properties = { os = \"Alpine\" }"));
    run.apply().fails_with("An OCI image needs its property \"type\"");
    assert_eq!(lab.image("mine"), held);
    assert!(run.state(IMAGE).is_null());
}

#[test]
fn a_name_that_is_not_there_leaves_nothing() {
    let registry = Registry::start();
    let Some(lab) = Lab::start_beside(&registry) else { return };
    let run = lab.terraform(&config(&registry, ""));
    run.apply().fails_with("Unable to copy image \"alpine:latest\"");
    assert!(run.state(IMAGE).is_null());
    lab.has_no_images();
}

#[test]
fn a_newer_image_takes_the_name_and_stays_under_management() {
    let registry = Registry::start();
    let Some(lab) = Lab::start_beside(&registry) else { return };
    registry.publish("alpine", "one");
    let run = lab.terraform(&config(&registry, "auto_update = true"));
    run.settles();
    let old = lab.image("mine")["fingerprint"].clone();
    registry.publish("alpine", "two");
    lab.api().post(&format!("/1.0/images/{}/refresh", old.as_str().unwrap()), &json!({}));
    let new = lab.image("mine")["fingerprint"].clone();
    assert_ne!(new, old);
    run.plan().is_empty();
    run.settles();
    assert_eq!(run.state(IMAGE)["fingerprint"], new);
}

/// Their fingerprint is not the hash of their files.
#[test]
fn an_image_is_exported_and_goes_to_other_projects() {
    let registry = Registry::start();
    let Some(lab) = Lab::start_beside(&registry) else { return };
    registry.publish("alpine", "one");
    lab.listen();
    lab.api().post("/1.0/projects", &json!({"name": "other"}));
    let copy = "resource \"incus_image\" \"copy\" {\n  project = \"other\"\n  alias = \"copy\"\n  source = \"local:mine\"\n  \
                source_project = \"default\"\n  depends_on = [incus_image.image]\n}\n";
    let export = "resource \"incus_image_export\" \"files\" {\n  fingerprint = incus_image.image.fingerprint\n  path = \"alpine.tar.gz\"\n}\n";
    let run = lab.terraform(&format!("{}{copy}{export}", config(&registry, "")));
    run.settles();
    let held = lab.image("mine");
    assert_eq!(run.state("incus_image.copy")["fingerprint"], held["fingerprint"]);
    assert_eq!(run.state("incus_image.copy")["properties"], held["properties"]);
    let files = run.state("incus_image_export.files");
    assert_eq!(files["fingerprint"], held["fingerprint"]);
    for file in files["files"].as_array().unwrap() {
        let size = fs::metadata(run.path(file["path"].as_str().unwrap())).unwrap().len();
        assert_eq!(file["size"], size);
    }
}
