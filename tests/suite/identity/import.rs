//! Import by identity, and what both kinds of import fill in and refuse.

use serde_json::{Value as Json, json};

use super::{core_with, put};
use crate::support::core::Core;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn any_part_that_names_an_image_will_do() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    put(&lab, &files, &["alpine", "edge"]);
    let core = Core::start(&lab);
    let fingerprint = &files.fingerprint;
    for (identity, alias) in [
        (json!({"fingerprint": fingerprint}), "alpine"),
        (json!({"fingerprint": fingerprint[..12]}), "alpine"),
        (json!({"alias": "edge"}), "edge"),
        (json!({"fingerprint": fingerprint, "alias": "edge"}), "edge"),
        (json!({"remote": "local", "project": "default", "alias": "alpine"}), "alpine"),
    ] {
        let mut image = core.resource("incus_image");
        image.import_identity(&identity);
        assert_eq!((image.value("alias"), image.value("aliases")), (json!(alias), Json::Null), "{identity}");
        let whole = json!({"remote": "local", "project": "default", "fingerprint": fingerprint, "alias": alias});
        assert_eq!(image.identity(), whole, "{identity}");
        image.plan(&json!({"alias": alias})).is_noop();
    }
}

#[test]
fn an_identity_survives_a_second_import() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().split("alpine");
    put(&lab, &files, &["bb", "aa"]);
    let core = Core::start(&lab);
    let (mut first, mut second) = (core.resource("incus_image"), core.resource("incus_image"));
    first.import("alias=bb");
    second.import_identity(&first.identity());
    assert_eq!(second.identity(), first.identity());
    assert_eq!(second.value("id"), first.value("id"));
}

#[test]
fn a_nameless_image_is_imported_by_its_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    put(&lab, &files, &[]);
    let core = Core::start(&lab);
    let mut image = core.resource("incus_image");
    image.import_identity(&json!({"fingerprint": files.fingerprint}));
    assert_eq!(image.value("alias"), Json::Null);
    image.plan(&json!({"fingerprint": files.fingerprint})).is_noop();
    let failed = core
        .resource("incus_image")
        .import_identity_failing(&json!({"fingerprint": files.fingerprint, "alias": "alpine"}));
    failed.says("The image does not have the alias alpine").says("It has no names");
}

#[test]
fn what_names_no_image_is_an_error_that_tells_what_there_is() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    put(&lab, &files, &["alpine/edge", "alpine/3.20"]);
    let core = Core::start(&lab);
    let failing = |identity: Json| core.resource("incus_image").import_identity_failing(&identity);

    failing(json!({"alias": "alpin/edge"})).says("No image with alias alpin/edge").says("alpine/edge");
    failing(json!({"alias": "debian"})).says("incus image list");
    let mistyped = format!("0{}", &files.fingerprint[1..16]);
    failing(json!({"fingerprint": mistyped})).says("No image with fingerprint").says(&files.fingerprint[..16]);
    failing(json!({"fingerprint": files.fingerprint, "alias": "edge"}))
        .says("The image does not have the alias edge")
        .says("alpine/3.20\nalpine/edge");
    failing(json!({"remote": "local"})).says("`fingerprint` or `alias` must say");
    failing(json!({"fingerprint": "ABC"})).says("Invalid identity");
    failing(json!({"remote": "nowhere", "alias": "alpine/edge"})).says("nowhere");
    core.resource("incus_image").import_failing("alias=alpine/egde").says("alpine/edge");
}

#[test]
fn the_source_is_known_where_its_server_is() {
    let upstream = SimplestreamsServer::start_https();
    let Some(lab) = Lab::start_trusting(&upstream) else { return };
    upstream.publish("alpine/edge", &lab.images().split("alpine"));
    let machine = lab.images().virtual_machine("machine");
    upstream.publish("debian/13", &machine);
    let pull = |alias: &str, kind: &str| {
        let source = json!({
            "type": "image", "mode": "pull", "protocol": "simplestreams", "server": upstream.url(), "alias": alias,
            "image_type": kind,
        });
        lab.api().post("/1.0/images", &json!({"source": source, "aliases": [{"name": alias}]}));
    };
    pull("alpine/edge", "container");
    pull("debian/13", "virtual-machine");

    let core = core_with(&lab, &upstream);
    let mut image = core.resource("incus_image");
    image.import("alias=alpine/edge");
    assert_eq!(image.value("source"), "upstream:alpine/edge");
    image.plan(&json!({"alias": "alpine/edge", "source": "upstream:alpine/edge"})).is_noop();
    let mut vm = core.resource("incus_image");
    vm.import("alias=debian/13");
    assert_eq!((vm.value("source"), vm.value("vm")), (json!("upstream:debian/13"), json!(true)));
    vm.plan(&json!({"alias": "debian/13", "source": "upstream:debian/13", "vm": true})).is_noop();
    let generated = vm.generated();
    assert_eq!(generated, json!({"alias": "debian/13", "source": "upstream:debian/13", "vm": true}));

    // Nobody calls the server by a name: nothing is known, and nothing is to be done.
    let core = Core::start(&lab);
    let mut image = core.resource("incus_image");
    image.import("alias=alpine/edge");
    assert_eq!(image.value("source"), Json::Null);
    image.plan(&json!({"alias": "alpine/edge"})).is_noop();
}
