//! What each filter finds on an Incus server, and what is refused before anything is asked.

use serde_json::{Value as Json, json};

use super::BOTH;
use crate::support::core::{Core, UNKNOWN};
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn each_filter_finds_its_images_newest_first() {
    let Some(lab) = Lab::start() else { return };
    let alpine = lab.images().unified("alpine");
    let debian = lab.images().version(2).architecture("aarch64").split("debian");
    let ubuntu = lab.images().version(3).virtual_machine("ubuntu");
    lab.by_hand("ubuntu", &ubuntu);
    lab.by_hand("alpine/edge", &alpine);
    lab.by_hand("debian", &debian);
    lab.incus(["image", "alias", "create", "debian/12", &debian.fingerprint]);
    lab.edit("debian", |image| {
        image["public"] = json!(true);
        image["properties"]["channel"] = json!("stable");
    });
    let nameless = lab.images().version(4).unified("nameless");
    lab.incus(["image", "import", nameless.source.to_str().unwrap()]);
    let [alpine, debian, ubuntu, nameless] = [alpine, debian, ubuntu, nameless].map(|files| files.fingerprint);
    let (alpine, debian, ubuntu, nameless) = (&alpine[..], &debian[..], &ubuntu[..], &nameless[..]);

    let core = Core::start(&lab);
    for (filter, expected) in [
        (json!({}), &[nameless, ubuntu, debian, alpine][..]),
        (json!({"alias": "debian"}), &[debian]),
        (json!({"alias": "debian/12"}), &[debian]),
        (json!({"alias": "debian/1"}), &[]),
        (json!({"name_regex": "^(debian|ubuntu)$"}), &[ubuntu, debian]),
        (json!({"name_regex": "/"}), &[debian, alpine]),
        (json!({"name_regex": ""}), &[ubuntu, debian, alpine]),
        (json!({"fingerprint": alpine}), &[alpine]),
        (json!({"fingerprint": &ubuntu[..12]}), &[ubuntu]),
        (json!({"type": "container"}), &[nameless, debian, alpine]),
        (json!({"type": "virtual-machine"}), &[ubuntu]),
        (json!({"architecture": "arm64"}), &[debian]),
        (json!({"architecture": "aarch64"}), &[debian]),
        (json!({"architecture": "amd64"}), &[nameless, ubuntu, alpine]),
        (json!({"public": true}), &[debian]),
        (json!({"public": false}), &[nameless, ubuntu, alpine]),
        (json!({"cached": false}), &[nameless, ubuntu, debian, alpine]),
        (json!({"cached": true}), &[]),
        (json!({"properties": {"channel": "stable"}}), &[debian]),
        (json!({"properties": {"channel": "stable", "os": "Tiny"}}), &[debian]),
        (json!({"properties": {"channel": "Stable"}}), &[]),
        (json!({"properties": {}}), &[nameless, ubuntu, debian, alpine]),
        (json!({"type": "container", "most_recent": true}), &[nameless]),
        (json!({"type": "container", "name_regex": ".", "most_recent": true}), &[debian]),
        (json!({"type": "container", "public": false, "architecture": "x86_64"}), &[nameless, alpine]),
    ] {
        let found = core.read_data("incus_images", &filter);
        assert_eq!(found["fingerprints"], json!(expected), "{filter}");
        let images = found["images"].as_array().unwrap().iter().map(|image| image["fingerprint"].clone());
        assert_eq!(Json::from(images.collect::<Vec<_>>()), found["fingerprints"]);
        for (argument, value) in filter.as_object().unwrap() {
            assert_eq!(&found[argument], value, "what is configured stays as it is");
        }
    }
}

#[test]
fn a_copy_that_an_instance_left_is_told_apart() {
    let Some(lab) = Lab::start() else { return };
    let server = SimplestreamsServer::start();
    let (launched, imported) = (lab.images().split("alpine"), lab.images().unified("debian"));
    server.publish("alpine", &launched);
    lab.caches(&server, "alpine");
    lab.by_hand("debian", &imported);
    let core = Core::start(&lab);
    for (cached, expected) in [(true, &launched), (false, &imported)] {
        let found = core.read_data("incus_image", &json!({"cached": cached}));
        assert_eq!((&found["fingerprint"], &found["cached"]), (&json!(expected.fingerprint), &json!(cached)));
    }
    let found = core.read_data("incus_image", &json!({"cached": true}));
    let source = json!({"server": server.url(), "protocol": "simplestreams", "alias": "alpine"});
    assert_eq!(found["update_source"], source);
}

#[test]
fn what_makes_no_sense_is_refused_before_a_server_is_asked() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start_with(&lab, &json!({"default_remote": "nowhere"}));
    for type_name in BOTH {
        for (config, path, words) in [
            (json!({"alias": ""}), "alias", "an alias can't be empty"),
            (json!({"name_regex": "[a"}), "name_regex", "\"[a\" is no regular expression: "),
            (
                json!({"fingerprint": "0123456789xy"}),
                "fingerprint",
                "consists of the digits 0-9 and a-f (lower case), not 'x'",
            ),
            (json!({"fingerprint": "abc"}), "fingerprint", "needs 12 to 64 digits, this one has 3"),
            (json!({"type": "vm"}), "type", "\"container\" or \"virtual-machine\", not \"vm\""),
            (json!({"project": "a/b"}), "project", "can't contain '/'"),
            (json!({"project": "web", "all_projects": true}), "all_projects", "Take out one of the two"),
            (json!({"most_recent": true}), "most_recent", "Set another one"),
            (json!({"properties": {"os": null}}), "properties[\"os\"]", "A property can't be null"),
        ] {
            let failure = core.read_data_failing(type_name, &config);
            failure.during("ValidateDataSourceConfig").at(path).says("Invalid argument").says(words);
        }
        let unknown = json!({
            "remote": UNKNOWN, "project": UNKNOWN, "all_projects": true, "alias": UNKNOWN, "name_regex": UNKNOWN,
            "fingerprint": UNKNOWN, "architecture": UNKNOWN, "public": UNKNOWN, "properties": UNKNOWN, "most_recent": true,
        });
        core.read_data_failing(type_name, &json!({"remote": "lokal"}))
            .during("ReadDataSource")
            .at("remote")
            .says("lokal");
        let known_project = unknown.as_object().unwrap().iter().filter(|(name, _)| *name != "project");
        core.validate_data(type_name, &known_project.map(|(name, value)| (name.clone(), value.clone())).collect());
    }
}

#[test]
fn values_that_are_not_known_yet_wait_for_the_apply() {
    let Some(lab) = Lab::start() else { return };
    let image = lab.images().unified("alpine");
    let run = lab.terraform(&format!(
        "resource \"incus_image\" \"alpine\" {{
  alias = \"alpine\"
  {}
}}

data \"incus_image\" \"found\" {{
  alias = incus_image.alpine.all_aliases[0].name
}}

output \"found\" {{
  value = data.incus_image.found.fingerprint
}}
",
        image.arguments()
    ));
    run.settles();
    assert_eq!(run.outputs()["found"], json!(image.fingerprint));
}
