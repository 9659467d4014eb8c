//! `ignore_changes` with a single argument: core gives the value in the state as if it were configured. That is no change, whichever
//! argument it is.

use serde_json::{Value as Json, json};

use crate::support::core::Core;
use crate::support::lab::Lab;
use crate::support::simplestreams::SimplestreamsServer;

#[test]
fn any_argument_of_an_uploaded_image_may_be_ignored() {
    let Some(lab) = Lab::start() else { return };
    let files = lab.images().unified("alpine");
    let config = json!({"alias": "alpine", "source": files.source});
    each_may_be_ignored(&Core::start(&lab), &config);
}

#[test]
fn any_argument_of_a_copied_image_may_be_ignored() {
    let upstream = SimplestreamsServer::start();
    let Some(lab) = Lab::start() else { return };
    upstream.publish("alpine/edge", &lab.images().split("alpine"));
    let remote = json!({"name": "upstream", "address": upstream.url(), "protocol": "simplestreams"});
    let core = Core::start_with(&lab, &json!({"remote": [remote]}));
    for more in [json!({}), json!({"refresh": true}), json!({"auto_update": true}), json!({"copy_aliases": true})] {
        let mut config = json!({"alias": "mine", "source": "upstream:alpine/edge"});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        each_may_be_ignored(&core, &config);
    }
}

fn each_may_be_ignored(core: &Core, config: &Json) {
    let mut image = core.resource("incus_image");
    image.apply(config);
    let schema = &core.schemas().resource_schemas["incus_image"];
    let attributes = &schema.block.as_ref().expect("a block").attributes;
    for argument in attributes.iter().filter(|attribute| attribute.optional).map(|attribute| &attribute.name) {
        let mut ignoring = config.clone();
        ignoring[argument] = image.value(argument);
        image.plan_ignoring(config, &ignoring).is_noop();
    }
    image.destroy();
}
