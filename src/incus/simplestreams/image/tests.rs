//! Images made of products as image servers write them.

use serde_json::{Value, json};

use super::*;
use crate::incus::simplestreams::products;

fn hash(digit: &str) -> String {
    digit.repeat(64)
}

/// A container in two forms and a virtual machine in three, as large image servers offer.
fn items() -> Value {
    json!({
        "incus.tar.xz": {
            "ftype": "incus.tar.xz", "path": "images/alpine/20260102_13:00/incus.tar.xz", "size": 700, "sha256": hash("0"),
            "combined_sha256": hash("1"), "combined_rootxz_sha256": hash("1"), "combined_squashfs_sha256": hash("2"),
            "combined_disk-kvm-img_sha256": hash("3"), "combined_disk1-img_sha256": hash("4"),
            "combined_uefi1-img_sha256": hash("5"),
        },
        "root.tar.xz": {"ftype": "root.tar.xz", "path": "images/alpine/20260102_13:00/rootfs.tar.xz", "size": 1000},
        "rootfs.squashfs": {"ftype": "squashfs", "path": "images/alpine/20260102_13:00/rootfs.squashfs", "size": 2000},
        "disk.qcow2": {"ftype": "disk-kvm.img", "path": "images/alpine/20260102_13:00/disk.qcow2", "size": 3000},
        "disk1.img": {"ftype": "disk1.img", "path": "d1", "size": 4000},
        "uefi1.img": {"ftype": "uefi1.img", "path": "u1", "size": 5000},
        "delta.vcdiff": {"ftype": "squashfs.vcdiff", "path": "x", "size": 9, "delta_base": "20260101_13:00"},
        "manifest": {"ftype": "manifest", "path": "m", "size": 1},
    })
}

fn product(changes: &Value) -> Value {
    let mut product = json!({
        "aliases": "alpine/edge/default,alpine/edge", "arch": "amd64", "os": "Alpine", "release": "edge",
        "release_title": "edge", "variant": "default", "requirements": {"secureboot": "false"},
        "versions": {"20260102_13:00": {"items": items()}},
    });
    product.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    product
}

fn images(changes: &Value) -> Vec<StreamImage> {
    let file = json!({"products": {"alpine:edge:amd64:default": product(changes)}}).to_string();
    products::products(file.as_bytes()).unwrap().flat_map(|product| StreamImage::of_product(&product)).collect()
}

#[test]
fn every_root_file_makes_an_image_with_the_metadata_file() {
    let mut images = images(&json!({}));
    images.sort_by(|one, other| one.rank().cmp(&other.rank()));
    let seen: Vec<_> =
        images.iter().map(|it| (it.root, it.image_type, it.fingerprint.to_string(), it.size())).collect();
    let (container, vm) = (ImageType::Container, ImageType::VirtualMachine);
    assert_eq!(
        seen,
        [
            ("squashfs", container, hash("2"), 2700),
            ("root.tar.xz", container, hash("1"), 1700),
            ("disk-kvm.img", vm, hash("3"), 3700),
            ("uefi1.img", vm, hash("5"), 5700),
            ("disk1.img", vm, hash("4"), 4700),
        ]
    );
}

#[test]
fn an_image_is_described_as_incus_does() {
    let image = images(&json!({"support_eol": "2031-02-03", "release_title": "Edge"})).remove(0);
    assert_eq!((image.architecture(), image.filename()), ("x86_64", "incus.tar.xz"));
    assert_eq!(image.created_at().date().to_string(), "2026-01-02");
    assert_eq!(image.expires_at().to_string(), "2031-02-03T00:00:00Z");
    let properties: Vec<_> = image.properties().iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        properties,
        [
            "architecture=amd64",
            "description=Alpine Edge amd64 (20260102_13:00)",
            "os=Alpine",
            "release=edge",
            "requirements.secureboot=false",
            "serial=20260102_13:00",
            "type=disk-kvm.img",
            "variant=default",
        ]
    );
}

#[test]
fn variant_and_label_are_part_of_the_description() {
    let versions = json!({"20260102_13:00": {"items": items(), "label": "release"}});
    let image = images(&json!({"variant": "cloud", "version": "3", "versions": versions})).remove(0);
    let property = |key| image.property(key).unwrap_or_default();
    assert_eq!(property("description"), "Alpine edge amd64 (cloud) (release) (20260102_13:00)");
    assert_eq!((property("label"), property("version")), ("release".into(), "3".into()));
}

#[test]
fn a_combined_file_is_an_image_by_itself() {
    let mut item = json!({"ftype": "incus_combined.tar.gz", "path": "a/b.tar.gz", "size": 5, "sha256": hash("a")});
    for image_type in [ImageType::Container, ImageType::VirtualMachine] {
        let found = images(&json!({"versions": {"20260102": {"items": {"it": item}}}}));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].fingerprint.to_string(), found[0].size()), (hash("a"), 5));
        assert_eq!((found[0].image_type, found[0].root), (image_type, "tar.gz"));
        item["combined_type"] = json!("virtual-machine");
    }
}

#[test]
fn the_older_hash_of_a_root_tarball_serves_where_there_is_no_newer_one() {
    let mut items = items();
    items["incus.tar.xz"]["combined_rootxz_sha256"] = json!("");
    items["incus.tar.xz"]["combined_sha256"] = json!(hash("9"));
    let images = images(&json!({"versions": {"20260102": {"items": items}}}));
    let tarball = images.iter().find(|image| image.root == "root.tar.xz");
    assert_eq!(tarball.unwrap().fingerprint.to_string(), hash("9"));
}

#[test]
fn what_incus_has_no_use_for_is_left_out() {
    let undated = json!({"latest": {"items": items()}, "2026": {"items": items()}, "20261399": {"items": items()}});
    assert!(images(&json!({"versions": undated})).is_empty());
    assert!(images(&json!({"arch": "vax"})).is_empty());
    let mut pathless = items();
    pathless["incus.tar.xz"]["path"] = json!("");
    assert!(images(&json!({"versions": {"20260102": {"items": pathless}}})).is_empty());
    let mut odd = items();
    odd["incus.tar.xz"]["combined_squashfs_sha256"] = json!("../../etc");
    odd["incus.tar.xz"]["combined_uefi1-img_sha256"] = json!("");
    assert_eq!(images(&json!({"versions": {"20260102": {"items": odd}}})).len(), 3);
}

#[test]
fn what_is_malformed_spoils_only_itself() {
    let versions =
        json!({"20260102": {"items": items()}, "20260103": {"items": {"a": {"size": "big"}}}, "20260104": 5});
    assert_eq!(images(&json!({"versions": versions})).len(), 5);
    let file = json!({"products": {"a": product(&json!({})), "b": {"os": 1}, "c": "none", "d": product(&json!({"arch": "arm64"}))}});
    assert_eq!(products::products(file.to_string().as_bytes()).unwrap().count(), 2);
    assert!(products::products(b"<html>").is_err());
}

#[test]
fn null_is_empty() {
    let nothing = json!({"variant": null, "requirements": null, "support_eol": null});
    let image = images(&nothing).remove(0);
    assert_eq!((image.property("variant"), image.expires_at()), (None, Expiry::Never));
    assert!(images(&json!({"versions": null})).is_empty());
}

#[test]
fn an_index_names_the_files_that_list_images() {
    let index = json!({"format": "index:1.0", "index": {
        "images": {"datatype": "image-downloads", "path": "streams/v1/images.json", "products": ["a"], "format": "products:1.0"},
        "empty": {"datatype": "image-downloads", "path": "streams/v1/empty.json", "products": []},
        "none": {"datatype": "image-downloads", "path": "streams/v1/none.json", "products": null},
        "other": {"datatype": "image-ids", "path": "streams/v1/ids.json", "products": ["a"]},
        "odd": {"datatype": "image-downloads", "path": 5, "products": ["a"]},
        "daily": {"datatype": "image-downloads", "path": "streams/v1/daily.json", "products": ["b"]},
    }});
    let paths = products::paths(index.to_string().as_bytes()).unwrap();
    assert_eq!(paths, ["streams/v1/daily.json", "streams/v1/images.json"]);
    assert!(products::paths(br#"{"index":null}"#).unwrap().is_empty());
    assert!(products::paths(br#"{"error":"not here"}"#).is_err());
    assert!(products::paths(b"404 page not found").is_err());
}
