//! Images that only their alias names, and what becomes of them when others give the alias to another image.

use serde_json::json;

use crate::support::core::Core;
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

/// Two images, of which the first one is called `alpine` and the other one `newer`.
fn two(lab: &Lab) -> (ImageFiles, ImageFiles) {
    let (first, newer) = (lab.images().unified("first"), lab.images().version(2).unified("newer"));
    lab.by_hand("alpine", &first);
    lab.by_hand("newer", &newer);
    (first, newer)
}

fn call_alpine(lab: &Lab, image: &ImageFiles) {
    lab.api().patch("/1.0/images/aliases/alpine", &json!({"target": image.fingerprint}));
}

#[test]
fn an_adopted_image_is_the_one_that_has_the_alias() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let (first, newer) = two(&lab);
    let own = lab.image("newer")["properties"].clone();
    let config = json!({"alias": "alpine", "extra_properties": {"os": "Mine"}});
    let mut image = core.resource("incus_image");
    image.apply(&config);
    call_alpine(&lab, &newer);
    image.plan(&config).is_update().shows("fingerprint", newer.fingerprint.as_str());
    image.apply(&config);
    assert_eq!(image.value("fingerprint"), newer.fingerprint);
    assert_eq!(lab.image("alpine")["properties"]["os"], "Mine");
    // What is covered are the properties of this image.
    image.apply(&json!({"alias": "alpine"}));
    assert_eq!(lab.image("alpine")["properties"], own);

    // Without the alias, it is still there.
    lab.api().delete("/1.0/images/aliases/alpine");
    image.plan(&json!({"alias": "alpine"})).is_update().shows("fingerprint", newer.fingerprint.as_str());
    image.apply(&json!({"alias": "alpine"}));
    // It was there before, and so was the other one.
    image.destroy();
    assert_eq!(lab.api().images().len(), 2);
    assert!(lab.api().has(&format!("/1.0/images/{}", first.fingerprint)));
}

#[test]
fn an_image_that_is_pinned_stays_the_one_that_it_is() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let (first, newer) = two(&lab);
    let pinned = json!({"alias": "alpine", "fingerprint": first.fingerprint});
    // From the beginning, and from then on.
    let mut image = core.resource("incus_image");
    image.apply(&pinned);
    let mut later = core.resource("incus_image");
    later.apply(&json!({"alias": "alpine"})).apply(&pinned);
    let mut imported = core.resource("incus_image");
    imported.import(&first.fingerprint);
    imported.apply(&pinned);
    call_alpine(&lab, &newer);
    for mut image in [image, later, imported] {
        image.plan(&pinned).is_update().shows("fingerprint", first.fingerprint.as_str());
        image.apply_failing(&pinned).says("The alias alpine is taken");
    }
}
