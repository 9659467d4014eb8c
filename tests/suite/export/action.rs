//! The action `incus_image_export` as Terraform core takes it, answer by answer. `action_command_line` has it from the command line.

use std::fs;

use serde_json::json;

use super::{names, same};
use crate::support::core::{Core, UNKNOWN};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;
use crate::support::simplestreams::SimplestreamsServer;

const ACTION: &str = "incus_image_export";

/// A proxy, and a provider behind it.
fn behind_a_proxy(lab: &Lab) -> (Proxy, Core) {
    let proxy = Proxy::start(lab);
    let core = proxy.core(lab);
    (proxy, core)
}

/// Holds the content of an image halfway, until what is returned is dropped.
fn hold(proxy: &Proxy, image: &ImageFiles) -> std::sync::mpsc::Sender<()> {
    let (go_on, may_go_on) = std::sync::mpsc::channel();
    proxy.on("GET", &format!("/1.0/images/{}/export", image.fingerprint)).halfway(move |_| {
        let _ = may_go_on.recv();
    });
    go_on
}

#[test]
fn every_kind_of_image_becomes_files_and_the_last_line_names_them() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let images = [lab.images().unified("alpine"), lab.images().split("debian"), lab.images().virtual_machine("ubuntu")];
    for (number, image) in images.iter().enumerate() {
        lab.by_hand("base", image);
        let path = lab.path(&format!("files/backup-{number}"));
        let targets = [path.clone(), path.with_extension("root")];
        let by_name = json!({"alias": "base", "vm": number == 2, "architecture": "amd64", "path": path});
        let lines = core.invoke(ACTION, &by_name);
        let size = &lab.image("base")["size"];
        assert_eq!(lines.first().unwrap(), &format!("Exporting image {}: {size} bytes", image.fingerprint));
        let last = lines.last().unwrap();
        assert!(last.starts_with("Exported "), "{last}");
        for (target, file) in targets.iter().zip(image.paths()) {
            same(target, file);
            let hash = ImageFiles::of(target.clone()).fingerprint;
            let size = fs::metadata(target).unwrap().len();
            let named = format!("{} ({size} bytes, sha256 {hash})", target.display());
            assert!(last.contains(&named), "{named} is not in: {last}");
        }
        let directory = lab.path(&format!("files/all-{number}"));
        fs::create_dir(&directory).unwrap();
        core.invoke(ACTION, &json!({"fingerprint": image.fingerprint, "path": directory}));
        assert_eq!(names(&directory).len(), image.paths().len());
        lab.delete_images();
    }
}

#[test]
fn an_image_server_needs_no_incus_server_and_a_misspelt_name_fails_in_the_plan() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    let remote = json!({"name": "images", "address": server.url(), "protocol": "simplestreams"});
    let core = Core::start_with(&lab, &json!({"remote": [remote]}));
    let path = lab.path("files/backup");
    let named = |alias: &str| json!({"remote": "images", "alias": alias, "path": path});
    core.invoke_failing(ACTION, &named("alpin")).during("PlanAction").says("Did you mean alpine?").at("alias");
    core.invoke(ACTION, &named("alpine"));
    same(&path, &image.source);
    let with_project = json!({"remote": "images", "alias": "alpine", "project": "web", "path": path});
    core.invoke_failing(ACTION, &with_project).during("PlanAction").says("which has no projects").at("project");
}

#[test]
fn what_makes_no_sense_is_refused_as_for_the_resource() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    for (config, why) in [
        (json!({"path": "a"}), "`alias` or `fingerprint` must say which image is meant."),
        (json!({"path": "a", "alias": "b", "fingerprint": "c"}), "Take out one of the two."),
        (json!({"path": "a", "fingerprint": "0123"}), "a fingerprint has 64 digits, this one has 4."),
        (json!({"path": "", "alias": "a"}), "A path is a file or a directory; this one is empty."),
    ] {
        core.invoke_failing(ACTION, &config).during("ValidateActionConfig").says(why);
    }
}

#[test]
fn what_would_fail_is_a_warning_in_the_plan() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("alpine", &lab.images().unified("alpine"));
    let core = Core::start(&lab);
    let path = lab.path("files/backup");
    core.plan_action(ACTION, &json!({"alias": "alpin", "path": path})).says("No image with alias alpin");
    core.invoke_failing(ACTION, &json!({"alias": "alpin", "path": path})).says("Most like it are:").at("alias");
    let nowhere = json!({"alias": "alpine", "path": lab.path("nowhere/backup")});
    core.plan_action(ACTION, &nowhere).says("must be there before images are exported to it.");
    core.invoke_failing(ACTION, &nowhere).during("InvokeAction").says("must be there before").at("path");
    core.plan_action(ACTION, &json!({"alias": UNKNOWN, "remote": UNKNOWN, "path": UNKNOWN})).says_nothing();
    core.plan_action(ACTION, &json!({"alias": "alpine", "path": path, "overwrite": UNKNOWN})).says_nothing();
}

#[test]
fn a_file_in_the_way_stays_unless_it_may_be_overwritten() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let core = Core::start(&lab);
    let path = lab.path("files/backup");
    fs::write(&path, "theirs").unwrap();
    let careful = json!({"alias": "alpine", "path": path});
    core.plan_action(ACTION, &careful).says("A file is in the way");
    core.invoke_failing(ACTION, &careful).during("InvokeAction").says("set overwrite = true to replace it").at("path");
    assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    let bold = json!({"alias": "alpine", "path": path, "overwrite": true});
    core.plan_action(ACTION, &bold).says_nothing();
    core.invoke(ACTION, &bold);
    same(&path, &image.source);
}

#[test]
fn one_that_takes_long_says_how_far_it_is() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let (proxy, core) = behind_a_proxy(&lab);
    let held = hold(&proxy, &image);
    let path = lab.path("files/backup");
    let mut invoked = core.begin_invoke(ACTION, &json!({"alias": "alpine", "path": path}));
    assert!(core.next_line(&mut invoked).starts_with("Exporting image "));
    let size = fs::metadata(&image.source).unwrap().len();
    let line = core.next_line(&mut invoked);
    let half = line.strip_suffix(" %)").and_then(|line| line.split_once(&format!(" of {size} bytes ("))).unwrap();
    assert_eq!(half.0.parse::<u64>().unwrap(), size / 2);
    assert!(["49", "50"].contains(&half.1), "{line}");
    assert!(!path.exists(), "nothing stands under the name before the end");
    drop(held);
    core.finish_invoke(invoked).unwrap_or_else(|failure| panic!("{failure}"));
    same(&path, &image.source);
}

#[test]
fn one_that_is_stopped_leaves_nothing() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let (proxy, core) = behind_a_proxy(&lab);
    let held = hold(&proxy, &image);
    fs::create_dir(lab.path("files/all")).unwrap();
    let config = json!({"alias": "alpine", "path": lab.path("files/all/backup")});
    let mut invoked = core.begin_invoke(ACTION, &config);
    core.next_line(&mut invoked);
    crate::support::running::until("something is written", || names(&lab.path("files/all")) != [""; 0]);
    core.stop();
    let Err(failure) = core.finish_invoke(invoked) else { panic!("it was stopped") };
    failure.says("The export was not finished, and nothing of it was kept.");
    assert_eq!(names(&lab.path("files/all")), [""; 0]);
    drop(held);
    core.invoke(ACTION, &config);
    assert_eq!(names(&lab.path("files/all")), ["backup", "backup.root"]);
}
