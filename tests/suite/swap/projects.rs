//! One content in two projects: the server keeps one file for both, and neither image touches the other.

use serde_json::{Value, json};

use super::{ALPINE, upstream};
use crate::support::images::is_unfinished;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn a_copy_of_what_another_project_has_is_independent_of_it() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().split("old"), lab.images().split("new"));
    server.publish("old", &old);
    server.publish("new", &new);
    lab.api().post("/1.0/projects", &json!({"name": "other", "config": {"features.images": "true"}}));
    let copy = |name: &str, project: &str| {
        upstream(server.url(), &format!("source = \"upstream:{name}\"\n  project = \"{project}\""))
    };
    let there = lab.terraform(&copy("old", "other"));
    there.settles();
    let before = held(&lab, "other");
    let here = lab.terraform(&copy("old", "default"));
    here.settles();
    assert_eq!(held(&lab, "other"), before);

    // Swapped here, the other one keeps its file; and the new content comes from the other project next.
    here.config(&copy("new", "default")).settles();
    assert_eq!(held(&lab, "other"), before);
    lab.incus([
        "image",
        "export",
        &old.fingerprint,
        lab.path("files/exported").to_str().unwrap(),
        "--project",
        "other",
    ]);
    there.config(&copy("new", "other")).settles();
    for project in ["default", "other"] {
        let images = held(&lab, project);
        assert_eq!(images.as_array().unwrap().len(), 1);
        assert_eq!(images[0]["fingerprint"], new.fingerprint);
        assert!(!is_unfinished(&images[0]));
    }
    here.destroy().succeeds();
    lab.has_no_images();
    lab.incus(["image", "export", &new.fingerprint, lab.path("files/again").to_str().unwrap(), "--project", "other"]);
    assert_eq!(there.state(ALPINE)["fingerprint"], new.fingerprint);
    there.plan().is_empty();
}

fn held(lab: &Lab, project: &str) -> Value {
    lab.api().get(&format!("/1.0/images?recursion=1&project={project}"))
}
