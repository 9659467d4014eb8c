//! What goes with which kind of source, and what is said where it does not.

use crate::provider::image::model::ImageModel;
use crate::provider::image::validate::tests::{accepted, image, refused};
use crate::tfplugin::attr::Attr;

const ON: Attr<bool> = Attr::Known(true);

fn from_file() -> ImageModel {
    ImageModel { source: "alpine.tar.gz".into(), ..image() }
}

fn from_web() -> ImageModel {
    ImageModel { source: "https://example.org/alpine.tar.gz".into(), ..image() }
}

fn from_instance() -> ImageModel {
    ImageModel { source: Attr::Null, source_instance: "web".into(), ..image() }
}

fn without_source() -> ImageModel {
    ImageModel { source: Attr::Null, ..image() }
}

fn pin() -> Attr<String> {
    "ab".repeat(32).as_str().into()
}

fn triggers() -> Attr<std::collections::BTreeMap<String, Attr<String>>> {
    Attr::Known([("version".to_owned(), "1".into())].into())
}

#[test]
fn a_source_must_be_one() {
    refused(&ImageModel { source: "".into(), ..image() }, "source", "this one is empty");
    refused(&ImageModel { source: "images:".into(), ..image() }, "source", "The name of the image is missing");
    refused(&ImageModel { source: "http://x/y".into(), ..image() }, "source", "begins with https://");
    refused(&ImageModel { source: "https://me:secret@x/y".into(), ..image() }, "source", "a user name or password");
    refused(
        &ImageModel { source_instance: "a/b/c".into(), ..without_source() },
        "source_instance",
        "names no instance",
    );
    let both = ImageModel { source_instance: "web".into(), ..image() };
    refused(&both, "source_instance", "Take out one of the two");
    accepted(&from_web());
    accepted(&ImageModel { fingerprint: pin(), ..from_web() });
    accepted(&ImageModel {
        triggers: triggers(),
        compression: "zstd".into(),
        source_project: "p".into(),
        ..from_instance()
    });
    accepted(&ImageModel {
        source: Attr::Unknown,
        triggers: triggers(),
        mode: "relay".into(),
        copy_aliases: ON,
        ..image()
    });
}

#[test]
fn a_root_file_needs_its_other_half() {
    let rootfs = |image: ImageModel| ImageModel { rootfs: "rootfs.squashfs".into(), ..image };
    refused(&rootfs(image()), "rootfs", "second half of a split image");
    refused(&rootfs(without_source()), "rootfs", "needs a file as `source`");
    refused(&rootfs(from_web()), "rootfs", "needs a file as `source`");
    refused(&rootfs(from_instance()), "rootfs", "needs a file as `source`");
}

#[test]
fn the_type_selects_among_images_of_a_remote_only() {
    let vm = |image: ImageModel| ImageModel { vm: ON, ..image };
    accepted(&vm(image()));
    refused(&vm(from_file()), "vm", "A file says itself whether it is a virtual machine image. Leave `vm` out");
    refused(&vm(from_web()), "vm", "A file on the web says itself");
    refused(&vm(from_instance()), "vm", "The image is for what the instance is");
}

#[test]
fn only_images_of_remotes_have_newer_versions() {
    let followed = |image: ImageModel| ImageModel { auto_update: ON, ..image };
    accepted(&followed(image()));
    refused(&followed(from_file()), "auto_update", "newer versions of a file. Take");
    refused(&followed(from_web()), "auto_update", "newer versions of a file on the web");
    refused(&followed(from_instance()), "auto_update", "newer versions of an instance");
    let refreshed = |image: ImageModel| ImageModel { refresh: ON, ..image };
    accepted(&refreshed(image()));
    refused(&refreshed(from_file()), "refresh", "A file is looked at in any case");
    refused(&refreshed(from_web()), "refresh", "change `triggers`");
    refused(&refreshed(from_instance()), "refresh", "Change `triggers` to publish it again");
}

#[test]
fn a_pinned_image_does_not_change() {
    let pinned = ImageModel { fingerprint: pin(), ..image() };
    refused(&ImageModel { auto_update: ON, ..pinned.clone() }, "auto_update", "pinned by `fingerprint`");
    refused(&ImageModel { refresh: ON, ..pinned }, "refresh", "pinned by `fingerprint`");
}

#[test]
fn a_server_follows_what_it_has_pulled() {
    for mode in ["push", "relay"] {
        let moved = ImageModel { mode: mode.into(), ..image() };
        accepted(&moved);
        refused(&ImageModel { auto_update: ON, ..moved }, "auto_update", "Take out `auto_update` or `mode`");
    }
    let both = ImageModel { auto_update: ON, refresh: ON, ..image() };
    refused(&both, "refresh", "the server brings in newer versions itself");
}

#[test]
fn what_moves_an_image_needs_a_remote() {
    refused(&ImageModel { mode: "carry".into(), ..image() }, "mode", "none of \"pull\", \"push\" and \"relay\"");
    for other in [from_file(), from_web(), from_instance(), without_source()] {
        accepted(&ImageModel { mode: "pull".into(), ..other.clone() });
        refused(&ImageModel { mode: "relay".into(), ..other.clone() }, "mode", "needs \"remote:name\" as `source`");
        refused(&ImageModel { copy_aliases: ON, ..other }, "copy_aliases", "Only an image of a remote has names there");
    }
    for other in [from_file(), from_web(), without_source()] {
        refused(&ImageModel { source_project: "p".into(), ..other }, "source_project", "`source_project` says where");
    }
}

#[test]
fn what_publishes_needs_an_instance() {
    for other in [image(), from_file(), from_web(), without_source()] {
        refused(&ImageModel { compression: "zstd".into(), ..other }, "compression", "needs `source_instance`");
    }
    refused(&ImageModel { triggers: triggers(), ..from_file() }, "triggers", "A file is looked at in any case");
    refused(&ImageModel { triggers: triggers(), ..without_source() }, "triggers", "need `source` or `source_instance`");
}
