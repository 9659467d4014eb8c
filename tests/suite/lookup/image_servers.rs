//! Look-ups on image servers: what a name stands for there.

use serde_json::json;

use super::{BOTH, core_with, image_server, remote};
use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;
use crate::support::proxy::Proxy;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn the_image_is_the_one_that_a_copy_would_get() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, [own, foreign, machine]) = image_server(&lab);
    let core = core_with(&lab, &upstream);
    for (selection, copied, expected) in [
        (json!({}), json!({}), &own),
        (json!({"type": "container"}), json!({"vm": false}), &own),
        (json!({"architecture": "arm64"}), json!({"architecture": "arm64"}), &foreign),
        (json!({"type": "virtual-machine"}), json!({"vm": true}), &machine),
    ] {
        let mut lookup = json!({"remote": "upstream", "alias": "alpine/edge"});
        lookup.as_object_mut().unwrap().extend(selection.as_object().unwrap().clone());
        let found = core.read_data("incus_image", &lookup);
        assert_eq!(found["fingerprint"], json!(expected), "{lookup}");
        let mut copy = json!({"alias": "copy", "source": "upstream:alpine/edge"});
        copy.as_object_mut().unwrap().extend(copied.as_object().unwrap().clone());
        let mut image = core.resource("incus_image");
        image.apply(&copy);
        assert_eq!(image.value("fingerprint"), found["fingerprint"], "{copy}");
        image.destroy();
    }
    let named = json!({"remote": "upstream", "alias": "alpine/edge/arm64"});
    assert_eq!(core.read_data("incus_image", &named)["fingerprint"], json!(foreign));
}

#[test]
fn all_images_of_all_versions_are_listed() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, [own, foreign, machine]) = image_server(&lab);
    let newer = lab.images().version(2).split("alpine");
    upstream.publish("alpine/edge", &newer);
    let core = core_with(&lab, &upstream);
    let listed = |filter: serde_json::Value| {
        let mut config = json!({"remote": "upstream"});
        config.as_object_mut().unwrap().extend(filter.as_object().unwrap().clone());
        core.read_data("incus_images", &config)
    };
    let mut old = [&own, &foreign, &machine];
    old.sort();
    let all = listed(json!({}));
    assert_eq!(all["fingerprints"], json!([&newer.fingerprint, old[0], old[1], old[2]]));
    let image = &all["images"][0];
    assert_eq!(
        image["aliases"],
        json!([{"name": "alpine/edge", "description": ""}, {"name": "alpine/edge/amd64", "description": ""}])
    );
    assert_eq!(
        (&image["type"], &image["architecture"], &image["public"]),
        (&json!("container"), &json!("x86_64"), &json!(true))
    );
    assert_eq!((&image["properties"]["os"], &image["properties"]["architecture"]), (&json!("Tiny"), &json!("amd64")));
    assert_eq!((&image["created_at"], &image["expires_at"]), (&json!("2023-11-15T00:00:00Z"), &json!("never")));
    assert_eq!(
        (&image["cached"], &image["auto_update"], &image["profiles"]),
        (&json!(false), &json!(false), &json!([]))
    );
    for unknown in ["project", "uploaded_at", "last_used_at", "update_source"] {
        assert!(image[unknown].is_null(), "{unknown}: {image:#}");
    }
    assert!(all["project"].is_null());

    let mut named = vec![&foreign, &machine];
    named.sort();
    named.insert(0, &newer.fingerprint);
    assert_eq!(
        listed(json!({"alias": "alpine/edge"}))["fingerprints"],
        json!(named),
        "one of each type and architecture"
    );
    assert_eq!(listed(json!({"architecture": "arm64"}))["fingerprints"], json!([foreign]));
    assert_eq!(listed(json!({"type": "virtual-machine"}))["fingerprints"], json!([machine]));
    assert_eq!(listed(json!({"fingerprint": &own[..12]}))["fingerprints"], json!([own]));
    assert_eq!(listed(json!({"properties": {"os": "tiny"}}))["fingerprints"], json!([]));
    assert_eq!(listed(json!({"public": false}))["fingerprints"], json!([]));
    assert_eq!(
        listed(json!({"name_regex": "amd64$", "most_recent": true}))["fingerprints"],
        json!([newer.fingerprint])
    );
    assert_eq!(upstream.requests().iter().filter(|path| path.ends_with("index.json")).count(), 1, "read once for all");
}

#[test]
fn what_an_image_server_does_not_have_is_refused_at_the_argument() {
    let Some(lab) = Lab::start() else { return };
    let upstream = SimplestreamsServer::start();
    let core = core_with(&lab, &upstream);
    for type_name in BOTH {
        for (argument, value, lacks) in [
            ("project", json!("web"), "has no projects"),
            ("all_projects", json!(true), "has no projects"),
            ("cached", json!(false), "caches nothing"),
        ] {
            let failure =
                core.read_data_failing(type_name, &json!({"remote": "upstream", "alias": "a", argument: value}));
            failure.during("ReadDataSource").at(argument).says(&format!(
                "Invalid argument: The remote \"upstream\" is an image server, which {lacks}. Take `{argument}` out."
            ));
        }
    }
    assert_eq!(upstream.requests(), Vec::<String>::new(), "refused before it is asked");
    // What is the default may be said.
    upstream.publish("a", &lab.images().split("alpine"));
    for type_name in BOTH {
        core.read_data(type_name, &json!({"remote": "upstream", "alias": "a", "all_projects": false}));
    }
}

#[test]
fn a_name_that_is_not_there_is_answered_with_the_nearest() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, _) = image_server(&lab);
    let core = core_with(&lab, &upstream);
    let fails = |config| core.read_data_failing("incus_image", &config);
    fails(json!({"remote": "upstream", "alias": "alpine/egde"}))
        .at("alias")
        .says("No image with alias alpine/egde: There is none on remote upstream. Most like it are:\nalpine/edge");
    fails(json!({"remote": "upstream", "alias": "alpine/edge", "architecture": "riscv64"}))
        .at("alias")
        .says("No image matches: Other arguments do not match what has the alias alpine/edge on remote upstream:\n");
}

#[test]
fn without_a_server_to_copy_to_the_architecture_has_to_be_said() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, [own, foreign, machine]) = image_server(&lab);
    let core = Core::start_with(&lab, &json!({"default_remote": "upstream", "remote": [remote(&upstream)]}));
    let lookup = json!({"alias": "alpine/edge"});
    let failure = core.read_data_failing("incus_image", &lookup);
    failure.at("architecture").says("The architecture decides which image is meant: The default remote does not say: ");
    failure
        .says(" Set `architecture`. Each of these on remote upstream matches:\n")
        .says(&foreign[..12])
        .says(&own[..12]);
    let amd64 = json!({"alias": "alpine/edge", "architecture": "amd64"});
    assert_eq!(core.read_data("incus_image", &amd64)["fingerprint"], json!(own));
    let virtual_machine = json!({"alias": "alpine/edge", "type": "virtual-machine"});
    assert_eq!(core.read_data("incus_image", &virtual_machine)["fingerprint"], json!(machine), "there is only one");

    let nowhere = json!({"name": "nowhere", "address": "unix:///nonexistent/socket"});
    let core = Core::start_with(&lab, &json!({"default_remote": "nowhere", "remote": [remote(&upstream), nowhere]}));
    let failure = core.read_data_failing("incus_image", &json!({"remote": "upstream", "alias": "alpine/edge"}));
    failure
        .at("architecture")
        .says("The default remote \"nowhere\" does not say: Unable to reach Incus at /nonexistent/socket");
}

#[test]
fn the_newest_is_the_newest_for_the_server_to_copy_to() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, [own, ..]) = image_server(&lab);
    let newer = lab.images().version(2).split("alpine");
    upstream.publish("alpine/edge", &newer);
    upstream.publish("alpine/edge", &lab.images().version(3).architecture("aarch64").split("alpine"));
    let core = core_with(&lab, &upstream);
    let tiny = json!({"remote": "upstream", "properties": {"os": "Tiny"}});
    let failure = core.read_data_failing("incus_image", &tiny);
    failure
        .says("2 images match: Each of these on remote upstream matches:\n")
        .says(&newer.fingerprint[..12])
        .says(&own[..12]);
    let newest = json!({"remote": "upstream", "properties": {"os": "Tiny"}, "most_recent": true});
    assert_eq!(core.read_data("incus_image", &newest)["fingerprint"], json!(newer.fingerprint));
}

#[test]
fn a_server_that_tells_strangers_nothing_has_no_architecture() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, _) = image_server(&lab);
    let proxy = Proxy::start(&lab);
    proxy.on("GET", "/1.0").answers(&json!({"auth": "untrusted", "api_extensions": []}));
    lab.client_config(&format!("remotes: {{upstream: {{addr: \"{}\", protocol: simplestreams}}}}", upstream.url()));
    let lookup = "data \"incus_image\" \"found\" {\n  remote = \"upstream\"\n  alias = \"alpine/edge\"\n}\n";
    let run = proxy.terraform(&lab, lookup);
    run.plan().fails_with("The default remote \"local\" does not say for which it is to be. Set `architecture`.");
    run.apply().succeeds();
}

#[test]
fn what_depends_on_a_provider_that_is_not_known_yet_says_so() {
    let Some(lab) = Lab::start() else { return };
    let (upstream, [own, ..]) = image_server(&lab);
    let core = Core::start_with(&lab, &json!({"default_remote": UNKNOWN, "remote": [remote(&upstream)]}));
    for type_name in BOTH {
        core.read_data_failing(type_name, &json!({"alias": "alpine/edge"})).says(
            "Unable to tell which images are meant: The provider's `default_remote` or `project` is not known. Set `remote` and \
             `project` here.",
        );
    }
    let failure = core.read_data_failing("incus_image", &json!({"remote": "upstream", "alias": "alpine/edge"}));
    failure.at("architecture").says("The default remote is not known yet. Set `architecture`.");
    let amd64 = json!({"remote": "upstream", "alias": "alpine/edge", "architecture": "amd64"});
    assert_eq!(core.read_data("incus_image", &amd64)["fingerprint"], json!(own));

    let unknown = json!({"name": "upstream", "address": UNKNOWN, "protocol": "simplestreams"});
    let core = Core::start_with(&lab, &json!({"remote": [unknown]}));
    for type_name in BOTH {
        core.read_data_failing(type_name, &json!({"remote": "upstream"})).says(
            "Unable to tell which images are meant: The provider's configuration of this remote is not known yet. With `depends_on`, the look-up waits for what \
             makes it known.",
        );
    }
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let Some(lab) = Lab::start() else { return };
    let silent = json!({"name": "upstream", "address": "http://127.0.0.1:1", "protocol": "simplestreams"});
    let registry = json!({"name": "hub", "address": "https://registry.example", "protocol": "oci"});
    let core = Core::start_with(&lab, &json!({"remote": [silent, registry]}));
    for type_name in BOTH {
        core.read_data_failing(type_name, &json!({"remote": "upstream"})).says(
            "Unable to list the images of remote \"upstream\": Unable to reach the image server http://127.0.0.1:1: nobody answers",
        );
        core.read_data_failing(type_name, &json!({"remote": "hub"})).at("remote").says(
            "Unable to list the images of a registry: The remote \"hub\" is the registry at https://registry.example, which does \
             not tell what it has. Name an Incus server or an image server.",
        );
    }
}
