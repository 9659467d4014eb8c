//! What it means that an argument about the source changes, goes, or comes to an image that was imported.

use serde_json::json;

use super::{IMAGE, image};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

/// A copy of the image `base` of the daemon of that lab, as `mine`.
fn copy(source: &Lab, arguments: &str) -> String {
    let socket = source.path("incus/unix.socket");
    let remote = format!("remote {{\n    name = \"other\"\n    address = \"unix://{}\"\n  }}", socket.display());
    let copy = image(&format!("alias = \"mine\"\n  source = \"other:base\"\n  {arguments}"));
    format!("provider \"incus\" {{\n  {remote}\n}}\n{copy}")
}

#[test]
fn another_source_project_means_another_image() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    let mut images = Vec::new();
    for (version, project) in [(1, "build"), (2, "test"), (3, "default")] {
        if project != "default" {
            source.incus(["project", "create", project, "-c", "features.images=true"]);
        }
        let files = source.images().version(version).unified("alpine");
        source.incus(["image", "import", files.source.to_str().unwrap(), "--alias", "base", "--project", project]);
        images.push(files.fingerprint);
    }
    let run = lab.terraform("");
    let places = ["source_project = \"build\"", "source_project = \"test\"", ""];
    for (place, fingerprint) in places.into_iter().zip(images) {
        run.config(&copy(&source, &format!("mode = \"relay\"\n  {place}"))).settles();
        assert_eq!(lab.image("mine")["fingerprint"], fingerprint, "{place}");
        assert_eq!(lab.api().images().len(), 1, "{place}");
    }
}

#[test]
fn a_mode_is_recorded_without_a_write() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    source.by_hand("base", &source.images().split("alpine"));
    let run = lab.terraform(&copy(&source, "mode = \"relay\""));
    run.settles();
    let held = lab.image("mine");
    for (mode, effective) in [("mode = \"push\"", "push"), ("", "pull")] {
        run.config(&copy(&source, mode)).plan().updates(IMAGE);
        run.settles();
        assert_eq!(run.state(IMAGE)["mode"], effective);
        assert_eq!(lab.image("mine"), held, "{mode}");
    }
}

#[test]
fn what_is_said_about_an_instance_may_be_left_out_later() {
    let Some(lab) = Lab::start() else { return };
    lab.instance("web", "default");
    let published = |more: &str| image(&format!("alias = \"web\"\n  {more}"));
    let run = lab
        .terraform(&published("source_instance = \"web\"\n  triggers = { at = \"noon\" }\n  compression = \"none\""));
    run.settles();
    let held = lab.image("web");
    assert_eq!(held["size"].as_u64().unwrap() % 512, 0, "an archive that nothing packs has whole blocks");
    for left in ["source_instance = \"web\"\n  compression = \"none\"", "source_instance = \"web\"", ""] {
        run.config(&published(left)).plan().updates(IMAGE);
        run.settles();
        assert_eq!(lab.image("web"), held, "{left}");
    }
    run.destroy().succeeds().shows("The image will not be deleted");
    assert_eq!(lab.image("web"), held);
}

#[test]
fn where_an_imported_image_comes_from_is_recorded_without_a_write() {
    let (Some(lab), Some(source)) = (Lab::start(), Lab::start()) else { return };
    source.incus(["project", "create", "build", "-c", "features.images=true"]);
    let files = source.images().unified("alpine");
    source.incus(["image", "import", files.source.to_str().unwrap(), "--alias", "base", "--project", "build"]);
    lab.incus(["image", "import", files.source.to_str().unwrap(), "--alias", "mine"]);
    let held = lab.image("mine");
    let run = lab.terraform(&copy(&source, "source_project = \"build\"\n  mode = \"relay\""));
    run.import(IMAGE, "alias=mine").succeeds();
    run.plan().updates(IMAGE);
    run.settles();
    assert_eq!(lab.image("mine"), held);
    let state = run.state(IMAGE);
    assert_eq!((&state["source_project"], &state["mode"]), (&json!("build"), &json!("relay")));
}

#[test]
fn names_come_to_an_imported_copy() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    server.publish("alpine/edge", &files);
    lab.by_hand("mine", &files);
    let remote = format!(
        "remote {{\n    name = \"upstream\"\n    address = \"{}\"\n    protocol = \"simplestreams\"\n  }}",
        server.url()
    );
    let copy = image("alias = \"mine\"\n  source = \"upstream:alpine/edge\"\n  copy_aliases = true");
    let run = lab.terraform(&format!("provider \"incus\" {{\n  {remote}\n}}\n{copy}"));
    let held = lab.image("mine");
    run.import(IMAGE, "alias=mine").succeeds();
    run.plan().updates(IMAGE);
    run.settles();
    for name in ["alpine/edge", "alpine/edge/amd64"] {
        assert_eq!(lab.image(name)["uploaded_at"], held["uploaded_at"], "{name}");
    }
    assert_eq!(lab.image("mine")["aliases"].as_array().unwrap().len(), 3);
}
