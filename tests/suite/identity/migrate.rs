//! Images of the general provider lxc/incus: its states, taken over by a `moved` block or under our name. Nothing is replaced,
//! nothing is transferred, and the server is left as it is.

use serde_json::{Value as Json, json};

use super::{core_with, of_file, put};
use crate::support::core::Core;
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

const PROVIDER: &str = "registry.terraform.io/lxc/incus";

#[test]
fn image_files_are_taken_over() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    for files in [lab.images().unified("one"), lab.images().split("two"), lab.images().virtual_machine("three")] {
        put(&lab, &files, &["alpine"]);
        let source_file = match &files.rootfs {
            Some(rootfs) => json!({"data_path": rootfs, "metadata_path": files.source}),
            None => json!({"data_path": files.source, "metadata_path": null}),
        };
        let state = stored(&files, &json!({"source_file": source_file, "alias": [alias("alpine")]}));
        let held = lab.image("alpine");
        for upgrading in [true, false] {
            let mut image = core.resource("incus_image");
            match upgrading {
                true => image.upgrade(0, &state),
                false => image.take_over(PROVIDER, "incus_image", &state),
            };
            image.refresh();
            assert_eq!(image.value("remote"), "local", "what the state does not say is filled in");
            assert_eq!(image.value("id"), format!("local:default/{}", files.fingerprint));
            assert_eq!(image.identity()["fingerprint"], files.fingerprint);
            image.plan(&of_file(&files)).is_noop();
        }
        assert_eq!(lab.image("alpine"), held);
        lab.api().delete(&format!("/1.0/images/{}", files.fingerprint));
    }
}

#[test]
fn a_copied_image_is_taken_over() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    upstream.publish("alpine/edge", &files);
    put(&lab, &files, &["alpine", "edge"]);
    let held = lab.image("alpine");
    let core = core_with(&lab, &upstream);
    let source = json!({"remote": "upstream", "name": "alpine/edge", "type": "container", "architecture": "x86_64"});
    let state = stored(&files, &json!({"source_image": source, "alias": [alias("edge"), alias("alpine")]}));
    let config = json!({"alias": "alpine", "aliases": ["edge"], "source": "upstream:alpine/edge"});
    let mut image = core.resource("incus_image");
    image.take_over("registry.opentofu.org/lxc/incus", "incus_image", &state);
    image.plan(&config).is_noop();

    // Another of the names as the primary one, and settings: an update that moves nothing.
    let turned = json!({"alias": "edge", "aliases": ["alpine"], "source": "upstream:alpine/edge"});
    image.plan(&turned).is_update();
    image.apply(&turned);
    assert_eq!(lab.image("alpine"), held);
    assert!(!upstream.requests().iter().any(|path| path.contains(&files.fingerprint[..12])));
    image.destroy();
    lab.has_no_images();
}

#[test]
fn place_is_taken_from_the_resource_id() {
    let Some(lab) = Lab::start() else { return };
    lab.incus(["project", "create", "other", "--config", "features.images=true"]);
    let files = lab.images().unified("alpine");
    lab.incus(["image", "import", files.source.to_str().unwrap(), "--alias", "alpine", "--project", "other"]);
    let core = Core::start(&lab);
    let resource_id = format!("local:other:{}", files.fingerprint);
    let mut image = core.resource("incus_image");
    image.upgrade(0, &stored(&files, &json!({"resource_id": resource_id, "alias": [alias("alpine")]})));
    assert_eq!(image.value("project"), "other");
    image.plan(&json!({"alias": "alpine", "project": "other"})).is_noop();
}

#[test]
fn an_image_that_is_gone_is_found_to_be_gone() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    image.upgrade(0, &stored(&files, &json!({"source_file": {"data_path": files.source}})));
    image.refresh();
    assert!(!image.exists());
}

#[test]
fn an_image_is_destroyed_without_a_read_before() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    put(&lab, &files, &["alpine"]);
    let mut image = core.resource("incus_image");
    image.upgrade(0, &stored(&files, &json!({"source_file": {"data_path": files.source}, "alias": [alias("alpine")]})));
    image.destroy_unread();
    lab.has_no_images();
}

#[test]
fn nothing_is_looked_up_before_the_provider_is_configured() {
    let core = Core::without_server();
    let mut image = core.resource("incus_image");
    let state = json!({"fingerprint": "a".repeat(64), "resource_id": format!(":{}", "a".repeat(64)), "remote": null});
    image.take_over(PROVIDER, "incus_image", &state);
    assert_eq!((image.value("remote"), image.identity()), (Json::Null, Json::Null));
}

#[test]
fn other_resources_are_refused_by_name() {
    let core = Core::without_server();
    let refused = core.resource("incus_image").take_over_failing(PROVIDER, "incus_instance", &json!({}));
    refused.says("incus_instance").says("Only an incus_image of lxc/incus can").says("terraform import");
    let foreign = "registry.terraform.io/terraform-lxd/lxd";
    core.resource("incus_image").take_over_failing(foreign, "lxd_cached_image", &json!({})).says(foreign);
    let broken = core.resource("incus_image").take_over_failing(PROVIDER, "incus_image", &json!({"alias": []}));
    broken.says("Unable to read the state that the provider lxc/incus left");
}

/// A state as lxc/incus has it, for an image in these files.
fn stored(files: &ImageFiles, more: &Json) -> Json {
    let mut state = json!({
        "source_file": null, "source_image": null, "source_instance": null, "alias": [], "project": null, "remote": null,
        "resource_id": format!(":{}", files.fingerprint), "created_at": 1_700_000_000, "fingerprint": files.fingerprint,
        "copied_aliases": null,
    });
    state.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    state
}

fn alias(name: &str) -> Json {
    json!({"name": name, "description": ""})
}
