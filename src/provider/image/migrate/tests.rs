//! Each shape of state that releases of lxc/incus have written.
#![allow(clippy::unwrap_used)]

use serde_json::json;

use super::*;
use crate::tfplugin::attr::Set;

const FINGERPRINT: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// An image of a remote, as the present release stores it.
fn copied() -> Json {
    json!({
        "source_file": null,
        "source_image": {
            "remote": "images", "name": "alpine/edge", "type": "container", "architecture": "x86_64", "copy_aliases": null
        },
        "source_instance": null,
        "alias": [],
        "project": null,
        "remote": null,
        "resource_id": format!(":{FINGERPRINT}"),
        "created_at": 1_700_000_000,
        "fingerprint": FINGERPRINT,
        "copied_aliases": [],
    })
}

#[allow(clippy::needless_pass_by_value)] // So that a literal can stand in its place.
fn with(changes: Json) -> Json {
    let mut stored = copied();
    stored.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    stored
}

/// What is filled in without a look at the server.
fn defaults() -> ImageModel {
    ImageModel {
        alias_conflict: "error".into(),
        adopt_existing: Attr::Known(false),
        mode: "pull".into(),
        refresh: Attr::Known(false),
        copy_aliases: Attr::Known(false),
        copied_aliases: set_of(&[]),
        ..ImageModel::default()
    }
}

#[track_caller]
fn migrated(stored: &Json) -> ImageModel {
    upgrade(0, stored).unwrap().unwrap()
}

fn set_of(names: &[&str]) -> Attr<Set<String>> {
    Attr::Known(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn an_image_of_a_remote() {
    assert_eq!(
        migrated(&copied()),
        ImageModel {
            source: "images:alpine/edge".into(),
            fingerprint: FINGERPRINT.into(),
            vm: Attr::Known(false),
            architecture: "x86_64".into(),
            ..defaults()
        }
    );
    let vm =
        migrated(&with(json!({"source_image": {"remote": "images", "name": "debian", "type": "virtual-machine"}})));
    assert_eq!((vm.source, vm.vm, vm.architecture), ("images:debian".into(), Attr::Known(true), Attr::Null));
}

#[test]
fn an_image_with_the_names_of_its_source() {
    let source = json!({"remote": "images", "name": "alpine/edge", "copy_aliases": true});
    let state = migrated(&with(json!({"source_image": source, "copied_aliases": ["alpine/edge", "edge"]})));
    assert_eq!((state.copy_aliases, state.copied_aliases), (Attr::Known(true), set_of(&["alpine/edge", "edge"])));
}

#[test]
fn an_image_of_an_instance() {
    let of = |instance: Json| {
        let state = migrated(&with(json!({"source_image": null, "source_instance": instance})));
        (state.source, state.source_instance)
    };
    assert_eq!(of(json!({"name": "web", "snapshot": null})), (Attr::Null, "web".into()));
    assert_eq!(of(json!({"name": "web", "snapshot": "s0"})), (Attr::Null, "web/s0".into()));
}

#[test]
fn image_files() {
    let of = |file: Json| {
        let state = migrated(&with(json!({"source_image": null, "source_file": file})));
        (state.source, state.rootfs)
    };
    assert_eq!(of(json!({"data_path": "a.tar.gz", "metadata_path": null})), ("a.tar.gz".into(), Attr::Null));
    assert_eq!(of(json!({"data_path": "rootfs", "metadata_path": "meta"})), ("meta".into(), "rootfs".into()));
    let web = "https://example.org/alpine";
    assert_eq!(of(json!({"data_path": web, "metadata_path": "meta"})), (web.into(), Attr::Null));
}

#[test]
fn a_published_instance_has_no_source_of_another_kind() {
    let instance = json!({"source_image": null, "source_instance": {"name": "c1", "snapshot": "snap0"}});
    let state = migrated(&with(instance));
    assert_eq!((state.source, state.rootfs, state.fingerprint), (Attr::Null, Attr::Null, FINGERPRINT.into()));
}

#[test]
fn the_first_name_becomes_the_primary_one() {
    let block = |name: &str| json!({"name": name, "description": "what it is"});
    let several = migrated(&with(json!({"alias": [block("b"), block("c"), block("a")]})));
    assert_eq!((several.alias, several.aliases), ("a".into(), set_of(&["b", "c"])));
    let one = migrated(&with(json!({"alias": [{"name": "b", "description": ""}]})));
    assert_eq!((one.alias, one.aliases, one.alias_descriptions), ("b".into(), Attr::Null, Attr::Null));
    let described = migrated(&with(json!({"alias": [block("b"), {"name": "a"}]}))).alias_descriptions;
    assert_eq!(described, Attr::Known(BTreeMap::from([("b".to_owned(), "what it is".into())])));
    let older = migrated(&json!({"aliases": ["b", "a"], "resource_id": format!("r:{FINGERPRINT}")}));
    assert_eq!((older.alias, older.aliases), ("a".into(), set_of(&["b"])));
}

#[test]
fn the_oldest_shape_is_flat() {
    let state = migrated(&json!({
        "source_image": "alpine/3.19", "source_remote": "images", "type": "virtual-machine", "architecture": "aarch64",
        "aliases": null, "copy_aliases": true, "project": "p", "remote": "b",
        "resource_id": format!("b:{FINGERPRINT}"), "fingerprint": FINGERPRINT, "created_at": 1, "copied_aliases": ["x"],
    }));
    let expected = ImageModel {
        remote: "b".into(),
        project: "p".into(),
        source: "images:alpine/3.19".into(),
        vm: Attr::Known(true),
        architecture: "aarch64".into(),
        fingerprint: FINGERPRINT.into(),
        copy_aliases: Attr::Known(true),
        copied_aliases: set_of(&["x"]),
        ..defaults()
    };
    assert_eq!(state, expected);
}

#[test]
fn the_id_tells_what_the_attributes_do_not() {
    for (id, remote, project) in [
        (FINGERPRINT.to_owned(), Attr::Null, Attr::Null),
        (format!(":{FINGERPRINT}"), Attr::Null, Attr::Null),
        (format!("b:{FINGERPRINT}"), "b".into(), Attr::Null),
        (format!("b:p:{FINGERPRINT}"), "b".into(), "p".into()),
        (format!("b:p/{FINGERPRINT}"), "b".into(), "p".into()),
    ] {
        let state = migrated(&with(json!({"resource_id": id, "fingerprint": null})));
        assert_eq!((state.remote, state.project, state.fingerprint), (remote, project, FINGERPRINT.into()), "{id}");
    }
}

#[test]
fn a_state_is_known_by_its_shape_too() {
    assert!(upgrade(1, &copied()).unwrap().is_some());
    assert_eq!(upgrade(1, &json!({"alias": "alpine", "aliases": ["edge"], "fingerprint": FINGERPRINT})), Ok(None));
}

#[test]
fn a_state_without_an_image_is_refused() {
    for stored in [json!({}), json!([]), Json::Null, with(json!({"alias": 1})), with(json!({"fingerprint": "alpine"}))]
    {
        let error = upgrade(0, &stored).unwrap_err();
        assert_eq!(error.summary, "Unable to read the state that the provider lxc/incus left", "{stored}");
        assert!(error.detail.contains("terraform import"), "{}", error.detail);
    }
}

#[test]
fn only_the_general_provider_is_moved_from() {
    let state = copied();
    let moved = |provider: &str, type_name: &str| take_over(MoveSource { provider, type_name, state: &state });
    for provider in PROVIDERS {
        let object = moved(provider, "incus_image").unwrap();
        assert_eq!((object.state, object.private.origin), (migrated(&state), Origin::Imported));
        moved(provider, "incus_instance").unwrap_err();
    }
    let error = moved("registry.terraform.io/terraform-lxd/lxd", "lxd_cached_image").unwrap_err();
    assert!(error.detail.contains("lxd_cached_image") && error.detail.contains("Only an incus_image of lxc/incus can"));
}
