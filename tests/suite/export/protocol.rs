//! Exports as Terraform core takes them, answer by answer.

use serde_json::json;

use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn an_export_is_made_changed_and_removed() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let core = Core::start(&lab);
    let mut export = core.resource("incus_image_export");
    let path = lab.path("files/backup").display().to_string();
    export.plan(&json!({"alias": "alpine", "path": path})).is_create();
    export.apply(&json!({"alias": "alpine", "path": path}));
    assert_eq!(export.identity(), json!({"path": path}));
    export.plan(&json!({"alias": "alpine", "path": path, "keep_on_destroy": true})).is_update();
    export.apply(&json!({"alias": "alpine", "path": path, "overwrite": true}));
    export.apply(&json!({"fingerprint": image.fingerprint, "path": path}));
    export.plan(&json!({"fingerprint": image.fingerprint, "path": lab.path("files/other")})).replaces_for("path");
    export.destroy();
    assert!(!lab.path("files/backup").exists());
}

#[test]
fn what_is_unknown_in_the_plan_may_turn_out_to_be_anything() {
    let Some(lab) = Lab::start() else { return };
    let (one, other) = (lab.images().unified("one"), lab.images().unified("other"));
    lab.by_hand("one", &one);
    lab.by_hand("other", &other);
    let core = Core::start(&lab);
    let path = lab.path("files/backup").display().to_string();
    let pinned = |fingerprint: &str| json!({"fingerprint": fingerprint, "path": path});
    let mut export = core.resource("incus_image_export");
    export.apply_once_known(&json!({"fingerprint": UNKNOWN, "path": UNKNOWN}), &pinned(&one.fingerprint));
    export.apply_once_known(&pinned(UNKNOWN), &pinned(&other.fingerprint));
    export.apply_once_known(&pinned(UNKNOWN), &pinned(&other.fingerprint));
    assert_eq!(export.value("fingerprint"), other.fingerprint.as_str());
    let mut export = core.resource("incus_image_export");
    let path = lab.path("files/third").display().to_string();
    let named = |alias: &str, remote: &str| json!({"alias": alias, "remote": remote, "path": path});
    export.apply_once_known(&named(UNKNOWN, UNKNOWN), &named("one", "local"));
    export.destroy();
}

#[test]
fn an_export_is_imported_by_its_identity() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let path = lab.path("files/backup");
    for (target, file) in [path.clone(), lab.path("files/backup.root")].iter().zip(image.paths()) {
        std::fs::copy(file, target).unwrap();
    }
    let core = Core::start(&lab);
    let mut export = core.resource("incus_image_export");
    export.import_identity(&json!({"path": path}));
    assert_eq!(export.value("fingerprint"), image.fingerprint.as_str());
    export.apply(&json!({"alias": "alpine", "path": path}));
    export.destroy();
    assert!(!path.exists());
    let nowhere = json!({"path": lab.path("files/nowhere")});
    core.resource("incus_image_export").import_identity_failing(&nowhere).says("There is no file");
}

#[test]
fn an_export_moves_between_an_incus_server_and_an_image_server() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (here, there) = (lab.images().split("here"), lab.images().version(2).split("there"));
    lab.by_hand("alpine", &here);
    upstream.publish("alpine", &there);
    let remote = json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"});
    let core = Core::start_with(&lab, &json!({"remote": [remote]}));
    let mut export = core.resource("incus_image_export");
    let from = |remote: &str| json!({"alias": "alpine", "remote": remote, "path": lab.path("files/backup")});
    export.apply(&from("local"));
    assert_eq!(export.value("project"), "default");
    export.plan(&from("upstream")).replaces_for("remote").shows("project", json!(null));
    export.apply(&from("upstream"));
    assert_eq!((export.value("fingerprint"), export.value("project")), (json!(there.fingerprint), json!(null)));
    let mut placed = from("upstream");
    placed["project"] = json!("default");
    export.plan_failing(&placed).at("project").says("has no projects");
    export.apply(&from("local"));
    assert_eq!((export.value("fingerprint"), export.value("project")), (json!(here.fingerprint), json!("default")));
    export.destroy();
}

#[test]
fn the_server_of_an_export_may_be_unknown_or_gone_while_it_is_refreshed() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let with = |address: &str| json!({"remote": [{"name": "prod", "address": address}]});
    let core = Core::start_with(&lab, &with("unix://"));
    let mut export = core.resource("incus_image_export");
    let config = json!({"alias": "alpine", "remote": "prod", "path": lab.path("files/backup")});
    export.apply(&config);
    core.configure(&with(UNKNOWN));
    export.plan(&config).is_noop();
    // The files outlive the remote.
    core.configure(&json!({}));
    export.refresh();
    assert!(export.exists());
    export.destroy_unread();
}
