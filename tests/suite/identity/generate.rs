//! Generated configuration: valid as it stands, and nothing is left to do with it.

use serde_json::json;

use super::put;
use crate::support::core::Core;
use crate::support::lab::Lab;

#[test]
fn what_is_written_needs_no_change() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    put(&lab, &files, &["alpine", "theirs"]);
    let path = format!("/1.0/images/{}", files.fingerprint);
    let import = || {
        let mut image = core.resource("incus_image");
        image.import("alias=alpine");
        image
    };
    let mut image = import();
    assert_eq!(image.generated(), json!({"alias": "alpine"}));
    image.plan(&image.generated()).is_noop();

    lab.api().put(
        &path,
        &json!({
            "public": true, "auto_update": false, "profiles": [], "expires_at": "2031-01-31T00:00:00Z", "properties": {"os": "Tiny", "owner": "me"},
        }),
    );
    let mut image = import();
    assert_eq!(image.generated(), json!({"alias": "alpine", "public": true, "profiles": []}));
    image.plan(&image.generated()).is_noop();
}

#[test]
fn what_has_no_name_is_written_by_its_fingerprint() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().split("alpine");
    put(&lab, &files, &[]);
    let mut image = core.resource("incus_image");
    image.import(&files.fingerprint);
    assert_eq!(image.generated(), json!({"fingerprint": files.fingerprint}));
    image.plan(&image.generated()).is_noop();
}

#[test]
fn a_place_that_is_not_the_default_is_written() {
    let Some(lab) = Lab::start() else { return };
    put(&lab, &lab.images().unified("alpine"), &["alpine"]);
    let core = Core::start(&lab);
    core.configure(&json!({"project": "elsewhere"}));
    let mut image = core.resource("incus_image");
    image.import("local:default/alias=alpine");
    assert_eq!(image.generated(), json!({"alias": "alpine", "project": "default"}));
    image.plan(&image.generated()).is_noop();
}
