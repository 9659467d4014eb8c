//! Applies that overlap, one held at a request while another goes on: what the one has begun, the other leaves alone.

use serde_json::json;

use crate::support::lab::Lab;
use crate::support::proxy::Proxy;

/// Without names, only the source tells for whom an image is on its way; both have the same.
#[test]
fn two_images_without_names_that_have_their_metadata_in_one_file() {
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    let core = proxy.core(&lab);
    let (alpine, debian) = (lab.images().split("alpine"), lab.images().split("debian"));
    let with_root = |rootfs| json!({"source": alpine.source, "rootfs": rootfs});
    let (one, two) = (with_root(&alpine.rootfs), with_root(&debian.rootfs));
    let mut first = core.resource("incus_image");
    let held = proxy.hold("PUT", &format!("/1.0/images/{}", alpine.fingerprint));
    let applying = first.begin_apply(&one);
    held.comes();

    let mut second = core.resource("incus_image");
    second.apply(&two);
    drop(held);
    first.finish(applying).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(lab.api().images().len(), 2);
    first.plan(&one).is_noop();
    second.plan(&two).is_noop();
    first.destroy();
    second.destroy();
    lab.has_no_images();
}

/// While it was on its way, it looked like something that an interrupted run had left.
#[test]
fn an_image_that_another_process_finishes_meanwhile() {
    let Some(lab) = Lab::start() else { return };
    let (here, there) = (Proxy::start_at(&lab, "here.socket"), Proxy::start_at(&lab, "there.socket"));
    let (core, other_core) = (here.core(&lab), there.core(&lab));
    let (image, other) = (lab.images().unified("alpine"), lab.images().unified("debian"));
    let named = |source| json!({"alias": "alpine", "source": source});
    let mut first = core.resource("incus_image");
    let unfinished = here.hold("PUT", &format!("/1.0/images/{}", image.fingerprint));
    let applying = first.begin_apply(&named(&image.source));
    unfinished.comes();

    let mut second = other_core.resource("incus_image");
    let begun = there.hold("POST", "/1.0/images");
    let later = second.begin_apply(&named(&other.source));
    begun.comes();
    drop(unfinished);
    first.finish(applying).unwrap_or_else(|failure| panic!("{failure}"));
    let finished = lab.image("alpine");
    drop(begun);
    second.finish(later).expect_err("the name is taken").says("The alias alpine is taken");
    assert!(!second.exists());
    assert_eq!(lab.api().images(), [finished]);
    first.plan(&named(&image.source)).is_noop();
}

/// The larger the project, the more a list of it costs.
#[test]
fn what_interrupted_runs_have_left_is_looked_for_once() {
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    let core = proxy.core(&lab);
    for name in ["alpine", "debian", "ubuntu"] {
        core.resource("incus_image").apply(&json!({"alias": name, "source": lab.images().unified(name).source}));
    }
    let lists = proxy.take_requests().into_iter().filter(|request| request == "GET /1.0/images").count();
    assert_eq!(lists, 1);
    assert_eq!(lab.api().images().len(), 3);
}

/// Who is killed after the last request has finished an image that no state knows of.
#[test]
fn nothing_is_asked_for_once_an_image_is_finished() {
    let Some(lab) = Lab::start() else { return };
    let proxy = Proxy::start(&lab);
    let core = proxy.core(&lab);
    let files = lab.images().unified("alpine");
    let config = json!({"alias": "alpine", "source": files.source, "public": true, "extra_properties": {"of": "us"}});
    let mut image = core.resource("incus_image");
    let applying = image.begin_apply(&config);
    image.finish(applying).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(proxy.take_requests().last().unwrap(), &format!("PUT /1.0/images/{}", files.fingerprint));
    image.refresh().plan(&config).is_noop();
}
