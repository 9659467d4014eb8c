//! Exactly one image, and what is said where it is none or several.

use serde_json::json;

use super::TOLD;
use crate::support::core::Core;
use crate::support::lab::Lab;

#[test]
fn all_about_the_one_image_is_told() {
    let Some(lab) = Lab::start() else { return };
    lab.by_hand("debian", &lab.images().unified("debian"));
    lab.by_hand("alpine", &lab.images().version(2).architecture("aarch64").unified("alpine"));
    lab.edit("alpine", |image| image["expires_at"] = json!("2099-01-01T00:00:00Z"));
    let held = lab.image("alpine");
    let run = lab.terraform(
        "data \"incus_image\" \"alpine\" {
  fingerprint  = substr(\"FINGERPRINT\", 0, 12)
  architecture = \"arm64\"
  properties   = { release = \"alpine\" }
}"
        .replace("FINGERPRINT", held["fingerprint"].as_str().unwrap())
        .as_str(),
    );
    run.settles();
    let found = run.state("data.incus_image.alpine");
    for attribute in TOLD.into_iter().chain(["expires_at", "created_at"]) {
        assert_eq!(found[attribute], held[attribute], "{attribute}");
    }
    assert_eq!((&found["remote"], &found["architecture"]), (&json!("local"), &json!("arm64")));
    assert!(found["last_used_at"].is_null() && found["update_source"].is_null() && !found["uploaded_at"].is_null());
}

#[test]
fn several_are_listed_and_the_newest_is_taken_where_that_is_wanted() {
    let Some(lab) = Lab::start() else { return };
    let made: Vec<_> = (1..=12).map(|version| lab.images().version(version).unified("alpine")).collect();
    for version in [7, 12, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11] {
        lab.by_hand(&format!("alpine-{version}"), &lab.images().version(version).unified("alpine"));
    }
    let core = Core::start(&lab);
    let failure = core.read_data_failing("incus_image", &json!({"name_regex": "^alpine-"}));
    failure.says("12 images match: Each of these in project default of remote local matches:\n");
    for version in 3..=12_u64 {
        let digits = &made[usize::try_from(version).unwrap() - 1].fingerprint[..12];
        let day = 13 + version;
        failure.says(&format!("{digits} \"alpine-{version}\" container for x86_64 of 2023-11-{day}T22:13:20Z\n"));
    }
    failure
        .says("\nand 2 more\nNarrow them down by a further argument, or set most_recent = true for the first of them.");
    let newest = core.read_data("incus_image", &json!({"name_regex": "^alpine-", "most_recent": true}));
    assert_eq!(newest["fingerprint"], json!(made[11].fingerprint));
}

#[test]
fn where_there_is_none_the_nearest_are_told() {
    let Some(lab) = Lab::start() else { return };
    let alpine = lab.images().unified("alpine");
    lab.by_hand("alpine/edge", &alpine);
    let core = Core::start(&lab);
    let fails = |config| core.read_data_failing("incus_image", &config);
    fails(json!({"alias": "alpine/egde"})).at("alias").says(
        "No image with alias alpine/egde: There is none in project default of remote local. Most like it are:\nalpine/edge",
    );
    fails(json!({"alias": "debian"})).at("alias").says("`incus image list local:` shows those that there are.");
    let mistyped =
        format!("{}{}", if alpine.fingerprint.starts_with('0') { '1' } else { '0' }, &alpine.fingerprint[1..12]);
    fails(json!({"fingerprint": mistyped})).at("fingerprint").says(&format!(
        "No image with fingerprint {mistyped}: There is none in project default of remote local. Most like it are:\n{}",
        &alpine.fingerprint[..12]
    ));
    fails(json!({"type": "virtual-machine"}))
        .says("No image matches: There is none in project default of remote local.");
    fails(json!({"alias": "alpine/edge", "type": "virtual-machine"})).at("alias").says(&format!(
        "No image matches: Other arguments do not match what has the alias alpine/edge in project default of remote local:\n{} \
         \"alpine/edge\" container for x86_64",
        &alpine.fingerprint[..12]
    ));
    fails(json!({"project": "missing"})).at("project").says("Project not found");
}
