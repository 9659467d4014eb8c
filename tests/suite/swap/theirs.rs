//! The very image is there already, and somebody else's: it is an error that says how to import it, and the image stays as it is.

use serde_json::{Value, json};

use super::{ALPINE, alpine, apply_plan, upstream};
use crate::support::images::{ImageFiles, is_unfinished};
use crate::support::lab::Lab;
use crate::support::outcome::Outcome;
use crate::support::proxy::{Fault, Proxy, Request};
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn an_upload_of_an_image_that_is_there_is_not_sent() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let theirs = is_theirs(&lab, &image, &["theirs"]);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &alpine(&image, "public = false"));
    is_refused(&lab, &run.apply(), &theirs);
    assert_eq!(proxy.take_writes(), Vec::<String>::new());
    assert!(run.state(ALPINE).is_null());
}

#[test]
fn an_upload_of_an_image_that_came_meanwhile_changes_nothing() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &alpine(&image, ""));
    let import = lab.incus_command(["image", "import", image.source.to_str().unwrap(), "--alias", "theirs"]);
    proxy.on("POST", "/1.0/images").before(import);
    let applied = run.apply();
    assert!(!proxy.disarm());
    is_refused(&lab, &applied, &lab.image("theirs"));
    assert_eq!(lab.image("theirs")["properties"]["description"], "Tiny alpine, version 1");
    assert!(run.state(ALPINE).is_null());
}

#[test]
fn a_copy_of_an_image_without_a_name_leaves_it_as_it_is() {
    copy_leaves_it_as_it_is(&[]);
}

#[test]
fn a_copy_of_an_image_with_a_name_leaves_it_as_it_is() {
    copy_leaves_it_as_it_is(&["theirs"]);
}

/// Between the look at all images and the copy: it is seen, and nothing is sent.
#[test]
fn a_copy_of_an_image_that_came_meanwhile_is_not_begun() {
    let Some((lab, proxy, applied)) = copy_meets(|proxy, import| proxy.on("GET", "/1.0/images").after(import)) else {
        return;
    };
    is_refused(&lab, &applied, &lab.image("theirs"));
    assert_eq!(lab.image("theirs")["public"], true);
    assert_eq!(proxy.take_writes(), Vec::<String>::new());
}

/// At the very moment of the copy: what it overwrites is not known, and that is said.
#[test]
fn a_copy_that_meets_an_image_at_the_same_moment_says_what_it_may_have_reset() {
    let Some((lab, _, applied)) = copy_meets(|proxy, import| proxy.on("POST", "/1.0/images").before(import)) else {
        return;
    };
    applied
        .fails_with("The image is already on the server")
        .shows("which may have reset its `public` and its profiles");
    assert_eq!(lab.api().images(), [lab.image("theirs")]);
    assert!(!is_unfinished(&lab.image("theirs")));
}

type Import = Box<dyn FnOnce(&Request) + Send>;

/// A copy, and somebody else's public image of the same content, which comes when the test says.
fn copy_meets(when: impl FnOnce(&Proxy, Import)) -> Option<(Lab, Proxy, Outcome)> {
    let server = SimplestreamsServer::start();
    let lab = Lab::start()?;
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &upstream(server.url(), "source = \"upstream:alpine\""));
    when(&proxy, Box::new(public_import(&lab, &image)));
    let applied = run.apply();
    assert!(!proxy.disarm());
    assert!(run.state(ALPINE).is_null());
    Some((lab, proxy, applied))
}

fn public_import(lab: &Lab, image: &ImageFiles) -> impl FnOnce(&Request) + Send + use<> {
    let (metadata, rootfs) = (image.source.to_str().unwrap(), image.rootfs.as_ref().unwrap().to_str().unwrap());
    lab.incus_command(["image", "import", metadata, rootfs, "--alias", "theirs", "--public"])
}

#[test]
fn a_pinned_copy_of_an_image_that_is_there_is_not_begun() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    let theirs = is_theirs(&lab, &image, &["theirs"]);
    let pin = format!("source = \"upstream:alpine\"\n  fingerprint = \"{}\"", image.fingerprint);
    let proxy = Proxy::start(&lab);
    is_refused(&lab, &proxy.terraform(&lab, &upstream(server.url(), &pin)).apply(), &theirs);
    assert_eq!(proxy.take_writes(), Vec::<String>::new());
}

#[test]
fn a_swap_to_an_image_that_is_there_keeps_the_old_content() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let (old, new) = (lab.images().split("old"), lab.images().split("new"));
    server.publish("old", &old);
    server.publish("new", &new);
    let run = lab.terraform(&upstream(server.url(), "source = \"upstream:old\""));
    run.settles();
    let ours = lab.image("alpine");
    let theirs = is_theirs(&lab, &new, &["theirs"]);
    let applied = run.config(&upstream(server.url(), "source = \"upstream:new\"\n  public = true")).apply();
    applied.fails_with("The image is already on the server").shows("terraform import ADDRESS");
    assert_eq!(lab.image("alpine"), ours);
    assert_eq!(without_filename(&lab.image("theirs")), without_filename(&theirs));
    assert_eq!(run.state(ALPINE)["fingerprint"], old.fingerprint);
}

/// The image under management was theirs: it stays, and loses the names that were ours, if need be by the next apply.
#[test]
fn names_that_the_old_image_keeps_against_our_will_are_not_forgotten() {
    let Some(lab) = Lab::start() else { return };
    let (theirs, new) = (lab.images().unified("theirs"), lab.images().unified("alpine"));
    lab.by_hand("alpine", &theirs);
    let proxy = Proxy::start(&lab);
    let adopted = "resource \"incus_image\" \"alpine\" {\n  alias = \"alpine\"\n  aliases = [\"alpine/edge\"]\n}\n";
    let run = proxy.terraform(&lab, adopted);
    run.settles();
    proxy.on("DELETE", "/1.0/images/aliases/").fails(Fault::Refused);
    let applied = run.config(&alpine(&new, "").replace("[\"alpine/edge\"]", "[]")).apply();
    assert!(!proxy.disarm());
    applied.fails_with("Unable to take names from the old image").shows("nobody wants any more: alpine/edge.");
    assert_eq!(lab.image("alpine")["fingerprint"], new.fingerprint);
    assert_eq!(lab.image("alpine/edge")["fingerprint"], theirs.fingerprint);
    run.plan().updates(ALPINE).shows(&format!("The old image {} still has names of this resource", theirs.fingerprint));
    run.settles();
    assert!(!lab.api().has("/1.0/images/aliases/alpine%2Fedge"));
    assert!(lab.api().has(&format!("/1.0/images/{}", theirs.fingerprint)), "the image itself stays");
}

/// A cached copy is what an instance made from a remote's image leaves; the server removes it some days later.
#[test]
fn a_cached_copy_is_replaced_by_a_lasting_one() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    for pin in [String::new(), format!("\n  fingerprint = \"{}\"", image.fingerprint)] {
        lab.caches(&server, "alpine");
        assert_eq!(lab.api().images()[0]["cached"], true);
        let run = lab.terraform(&upstream(server.url(), &format!("source = \"upstream:alpine\"{pin}")));
        run.settles();
        let held = lab.image("alpine");
        assert_eq!(held["fingerprint"], image.fingerprint);
        assert_eq!(held["cached"], false);
        assert_eq!(lab.api().images(), [held]);
        run.destroy().succeeds();
        lab.api().delete("/1.0/instances/c1");
    }
}

/// An alias of one's own on a cached copy is a reason to keep it: nobody else could give that back.
#[test]
fn a_cached_copy_that_others_have_named_stays() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    lab.caches(&server, "alpine");
    lab.incus(["image", "alias", "create", "base", &image.fingerprint]);
    let theirs = lab.image("base");
    assert_eq!(theirs["cached"], true);
    for pin in [String::new(), format!("\n  fingerprint = \"{}\"", image.fingerprint)] {
        let run = lab.terraform(&upstream(server.url(), &format!("source = \"upstream:alpine\"{pin}")));
        is_refused(&lab, &run.apply(), &theirs);
        assert!(run.state(ALPINE).is_null());
    }
}

/// Between our look at all images and the removal.
#[test]
fn a_cached_copy_that_others_name_meanwhile_stays() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    lab.caches(&server, "alpine");
    let proxy = Proxy::start(&lab);
    let run = proxy.terraform(&lab, &upstream(server.url(), "source = \"upstream:alpine\""));
    proxy.on("GET", "/1.0/images").after(lab.incus_command(["image", "alias", "create", "base", &image.fingerprint]));
    let applied = run.apply();
    assert!(!proxy.disarm());
    is_refused(&lab, &applied, &lab.image("base"));
}

/// Its own resource's look at the same content by another way must not take it out of service.
#[test]
fn a_cached_copy_under_management_stays_where_the_content_is_the_same() {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    lab.caches(&server, "alpine");
    for name in ["alpine", "alpine/edge"] {
        lab.incus(["image", "alias", "create", name, &image.fingerprint]);
    }
    let held = lab.image("alpine");
    let config = |time: u8| {
        upstream(server.url(), &format!("source = \"upstream:alpine\"\n  triggers = {{ time = \"{time}\" }}"))
    };
    let run = lab.terraform(&config(1));
    run.import(ALPINE, "local:default/alias=alpine").succeeds();
    run.settles();
    run.config(&config(2)).plan().updates(ALPINE);
    apply_plan(&run).succeeds();
    assert_eq!(lab.image("alpine")["uploaded_at"], held["uploaded_at"], "nothing was sent");
    let plan = run.plan();
    plan.shows("The image is only a cached copy").is_empty();

    run.run(["apply", "-auto-approve", "-replace", ALPINE]).succeeds();
    assert_eq!(lab.image("alpine")["cached"], false);
    run.run(["plan"]).succeeds().does_not_show("cached copy");
}

fn copy_leaves_it_as_it_is(names: &[&str]) {
    let server = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().split("alpine");
    server.publish("alpine", &image);
    let theirs = is_theirs(&lab, &image, names);
    let run = lab.terraform(&upstream(server.url(), "source = \"upstream:alpine\""));
    is_refused(&lab, &run.apply(), &theirs);
    assert!(run.state(ALPINE).is_null());
}

/// Puts the image on the server by hand, with settings of its own and these names.
fn is_theirs(lab: &Lab, image: &ImageFiles, names: &[&str]) -> Value {
    lab.incus(["profile", "create", "small"]);
    lab.by_hand("first", image);
    lab.edit("first", |image| {
        image["public"] = json!(true);
        image["properties"]["note"] = json!("theirs");
        image["profiles"] = json!(["small"]);
        image["expires_at"] = json!("2099-12-31T23:59:59Z");
    });
    for name in names {
        lab.incus(["image", "alias", "create", name, &image.fingerprint]);
    }
    lab.incus(["image", "alias", "delete", "first"]);
    lab.api().get(&format!("/1.0/images/{}", image.fingerprint))
}

/// The error says how the image can be had, and nothing about it has changed.
#[track_caller]
fn is_refused(lab: &Lab, applied: &Outcome, theirs: &Value) {
    let fingerprint = theirs["fingerprint"].as_str().expect("a fingerprint");
    applied.fails_with("The image is already on the server");
    applied.shows(&format!("terraform import ADDRESS 'local:default/{fingerprint}'"));
    let images: Vec<_> = lab.api().images().iter().map(without_filename).collect();
    assert_eq!(images, [without_filename(theirs)]);
}

/// A copy that lands on an image takes its filename away, and no request gives it back.
fn without_filename(image: &Value) -> Value {
    let mut image = image.clone();
    image.as_object_mut().expect("an image").remove("filename");
    image
}
