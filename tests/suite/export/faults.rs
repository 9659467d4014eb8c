//! An export that is interrupted: nothing stands under the final name, nothing is left after the next run, and the state is true.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{EXPORT, export, names, same};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;
use crate::support::proxy::{Fault, Proxy, Request};
use crate::support::running::until;
use crate::support::terraform::Workspace;

/// A proxy, and a workspace behind it with an export of `alpine` into an empty directory.
fn behind_a_proxy(lab: &Lab) -> (Proxy, Workspace) {
    let proxy = Proxy::start(lab);
    let run = proxy.terraform(lab, &export("alias = \"alpine\"\n  path = \"all/backup\""));
    fs::create_dir(run.path("all")).unwrap();
    (proxy, run)
}

/// The same with an export, after the alias has come to a new image: the old one and the new one.
fn before_a_new_one(lab: &Lab) -> (Proxy, Workspace, ImageFiles, ImageFiles) {
    let (old, new) = (lab.images().split("alpine"), lab.images().version(2).split("other"));
    lab.by_hand("alpine", &old);
    let (proxy, run) = behind_a_proxy(lab);
    is_exported(&run, &old);
    lab.incus(["image", "alias", "delete", "alpine"]);
    lab.by_hand("alpine", &new);
    (proxy, run, old, new)
}

/// Every kind of image that Incus sends, under the name `alpine` one after the other.
fn for_each_kind(lab: &Lab, test: impl Fn(&ImageFiles)) {
    for image in [lab.images().unified("one"), lab.images().split("two")] {
        lab.by_hand("alpine", &image);
        test(&image);
        lab.delete_images();
    }
}

fn content(image: &ImageFiles) -> String {
    format!("/1.0/images/{}/export", image.fingerprint)
}

/// As the kernel does when memory is short, once something has been written there.
fn kill_while_writing(directory: &Path) -> impl FnOnce(&Request) + Send + use<> {
    let (directory, before) = (directory.to_owned(), names(directory));
    move |request| {
        until("something is written", || names(&directory) != before);
        let killed = Command::new("kill").args(["-9", &request.process.to_string()]).status().expect("kill");
        assert!(killed.success(), "{request}");
    }
}

#[track_caller]
fn is_exported(run: &Workspace, image: &ImageFiles) {
    run.settles();
    assert_eq!(names(&run.path("all")), ["backup", "backup.root"][..image.paths().len()]);
    same(&run.path("all/backup"), &image.source);
}

#[test]
fn content_that_is_cut_short_or_damaged_is_not_kept() {
    let Some(lab) = Lab::start() else { return };
    for_each_kind(&lab, |image| {
        let (proxy, run) = behind_a_proxy(&lab);
        for (fault, said) in [
            (Fault::Short, "Nothing was kept."),
            (Fault::Cut, "The connection to"),
            (Fault::Refused, "The proxy refuses"),
            (Fault::Garbled, "The content is not what the fingerprint says"),
        ] {
            proxy.on("GET", &content(image)).fails(fault);
            run.apply().fails_with(said);
            assert!(!proxy.disarm());
            assert_eq!(names(&run.path("all")), [""; 0], "{fault:?}");
            assert!(run.state(EXPORT).is_null());
        }
        is_exported(&run, image);
        fs::remove_dir_all(run.path("all")).unwrap();
        fs::remove_dir_all(run.path("")).unwrap();
        fs::remove_file(proxy.socket()).unwrap();
    });
}

#[test]
fn content_that_is_damaged_leaves_the_export_that_was_there() {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run, old, new) = before_a_new_one(&lab);
    for fault in [Fault::Garbled, Fault::Short] {
        proxy.on("GET", &content(&new)).fails(fault);
        run.apply().fails_with("Nothing was kept.");
        assert!(!proxy.disarm());
    }
    same(&run.path("all/backup"), &old.source);
    same(&run.path("all/backup.root"), old.rootfs.as_ref().unwrap());
    assert_eq!(run.state(EXPORT)["fingerprint"], old.fingerprint);
    is_exported(&run, &new);
}

#[test]
fn what_a_killed_provider_leaves_is_removed_by_the_next_run() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let (proxy, run) = behind_a_proxy(&lab);
    proxy.on("GET", &content(&image)).halfway(kill_while_writing(&run.path("all")));
    run.apply().fails_with("Error:");
    let left = names(&run.path("all"));
    assert!(
        !left.is_empty() && left.iter().all(|name| name.starts_with(".terraform-provider-incus-export-")),
        "{left:?}"
    );
    assert!(run.state(EXPORT).is_null());
    is_exported(&run, &image);
}

#[test]
fn a_provider_killed_while_it_exports_anew_leaves_the_old_export() {
    let Some(lab) = Lab::start() else { return };
    let (proxy, run, old, new) = before_a_new_one(&lab);
    proxy.on("GET", &content(&new)).halfway(kill_while_writing(&run.path("all")));
    run.apply().fails_with("Error:");
    same(&run.path("all/backup"), &old.source);
    assert_eq!(run.state(EXPORT)["fingerprint"], old.fingerprint);
    is_exported(&run, &new);
}

#[test]
fn a_daemon_restarted_in_the_middle() {
    let Some(lab) = Lab::start() else { return };
    for_each_kind(&lab, |image| {
        let (proxy, run) = behind_a_proxy(&lab);
        let daemon = lab.restart();
        proxy.on("GET", &content(image)).before(move |_| daemon.now());
        run.apply();
        assert!(!proxy.disarm());
        is_exported(&run, image);
        fs::remove_dir_all(run.path("")).unwrap();
        fs::remove_file(proxy.socket()).unwrap();
    });
}

#[test]
fn a_daemon_killed_while_it_sends() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().large("alpine", 4 << 20);
    lab.by_hand("alpine", &image);
    let (proxy, run) = behind_a_proxy(&lab);
    let (daemon, directory) = (lab.restart(), run.path("all"));
    proxy.on("GET", &content(&image)).amid(move |_| {
        until("something is written", || names(&directory) != [""; 0]);
        daemon.after_a_kill();
    });
    run.apply().fails_with("Nothing was kept.");
    assert!(!proxy.disarm());
    assert_eq!(names(&run.path("all")), [""; 0]);
    assert!(run.state(EXPORT).is_null());
    is_exported(&run, &image);
}

#[test]
fn a_full_disk_is_named_and_nothing_is_left_on_it() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().large("alpine", 4 << 20);
    lab.by_hand("alpine", &image);
    let run = lab.terraform(&export("alias = \"alpine\"\n  path = \"small/backup\""));
    fs::create_dir(run.path("small")).unwrap();
    let small = run.path("small");
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&small).status().expect("mount");
    assert!(mounted.success(), "a tmpfs of 1 MiB");
    let size = lab.image("alpine")["size"].to_string();
    run.apply().fails_with("Unable to write small/backup").shows(&format!("of {size} bytes")).shows("Make room there");
    assert_eq!(names(&small), [""; 0]);
    assert!(run.state(EXPORT).is_null());
    let unmounted = Command::new("umount").arg(&small).status().expect("umount");
    assert!(unmounted.success());
    run.settles();
    same(&run.path("small/backup"), &image.source);
}

#[test]
fn ctrl_c_in_the_middle_leaves_nothing() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    lab.by_hand("alpine", &image);
    let (proxy, run) = behind_a_proxy(&lab);
    let (reached, is_reached) = std::sync::mpsc::channel();
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    proxy.on("GET", &content(&image)).halfway(move |_| {
        reached.send(()).unwrap();
        // Until the run has ended, whatever it waits for.
        let _ = may_go_on.recv();
    });
    let apply = run.start_apply();
    is_reached.recv().unwrap();
    apply.interrupt();
    apply.ends().fails_with("The export was not finished, and nothing of it was kept.");
    drop(go_on);
    assert_eq!(names(&run.path("all")), [""; 0]);
    is_exported(&run, &image);
}

#[test]
fn an_export_that_takes_too_long_is_ended() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    lab.by_hand("alpine", &image);
    let (proxy, run) = behind_a_proxy(&lab);
    let limited = |limit: &str| {
        export(&format!("alias = \"alpine\"\n  path = \"all/backup\"\n  timeouts {{\n    create = \"{limit}\"\n  }}"))
    };
    run.config(&limited("1s"));
    let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
    proxy.on("GET", &content(&image)).halfway(move |_| {
        let _ = may_go_on.recv();
    });
    run.apply().fails_with("It took longer than 1 s.");
    drop(go_on);
    assert_eq!(names(&run.path("all")), [""; 0]);
    run.config(&limited("10m"));
    is_exported(&run, &image);
}
