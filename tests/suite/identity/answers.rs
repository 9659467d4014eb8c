//! The identity in the answers. That each has one, or none, as core needs it is held against its rules in every other test too.

use serde_json::{Value as Json, json};
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::of_file;
use crate::support::core::schema::Block;
use crate::support::core::{Core, literal};
use crate::support::images::ImageFiles;
use crate::support::lab::Lab;

#[test]
fn each_attribute_may_be_left_out_of_an_import() {
    let core = Core::without_server();
    let schema = &core.identities().identity_schemas["incus_image"];
    assert_eq!(schema.version, 0);
    let names: Vec<_> = schema.identity_attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names, ["remote", "project", "fingerprint", "alias"]);
    assert!(schema.identity_attributes.iter().all(|attribute| attribute.optional_for_import));
}

#[test]
fn an_identity_follows_the_image() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    assert_eq!(image.identity(), Json::Null);
    image.apply(&of_file(&files));
    assert_eq!(image.identity(), identity(&files, "alpine"));

    let mut renamed = of_file(&files);
    renamed["alias"] = json!("edge");
    image.apply(&renamed);
    assert_eq!(image.identity(), identity(&files, "edge"));

    let newer = lab.images().version(2).unified("newer");
    image.apply(&of_file(&newer));
    assert_eq!(image.identity(), identity(&newer, "alpine"));

    // Taken away behind Terraform's back, the name is no longer what it is known by.
    lab.api().delete("/1.0/images/aliases/alpine");
    image.refresh();
    assert_eq!(image.identity(), identity(&newer, Json::Null));
    image.destroy();
    assert_eq!(image.identity(), Json::Null);
}

#[test]
fn a_failed_change_keeps_the_identity() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let (files, other) = (lab.images().unified("alpine"), lab.images().version(2).unified("other"));
    super::put(&lab, &other, &["taken"]);
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&files));
    let mut config = of_file(&files);
    config["aliases"] = json!(["taken"]);
    image.apply_failing(&config).during("ApplyResourceChange").says("taken");
    assert_eq!(image.identity(), identity(&files, "alpine"));
}

#[test]
fn an_error_answer_sends_the_identity_back() {
    let Some(lab) = Lab::start() else { return };
    let core = Core::start(&lab);
    let files = lab.images().unified("alpine");
    let mut image = core.resource("incus_image");
    image.apply(&of_file(&files));
    core.configure(&json!({"remote": [{"name": "local", "address": "unix:///nonexistent"}]}));
    image.refresh_failing().says("/nonexistent");
    image.destroy_unread_failing().says("/nonexistent");
    assert_eq!(image.identity(), identity(&files, "alpine"));
}

#[test]
fn an_identity_of_another_version_is_not_guessed_at() {
    let core = Core::without_server();
    let stored = json!({"remote": "local", "project": "default", "fingerprint": "a".repeat(64), "alias": null});
    let ask = |version| {
        let request = proto::upgrade_resource_identity::Request {
            type_name: "incus_image".to_owned(),
            version,
            raw_identity: Some(proto::RawState { json: stored.to_string().into_bytes(), ..Default::default() }),
        };
        core.ask(core.provider().upgrade_resource_identity(request))
    };
    let same = ask(0);
    assert!(same.diagnostics.is_empty(), "{:?}", same.diagnostics);
    let data = same.upgraded_identity.unwrap().identity_data.unwrap();
    let block = Block::read_identity(&core.identities().identity_schemas["incus_image"]);
    assert_eq!(literal::json(&msgpack::decode(&data.msgpack, &block.ty()).unwrap()), stored);
    let other = ask(7);
    assert_eq!(other.upgraded_identity, None);
    assert!(other.diagnostics[0].detail.contains("has version 7"), "{:?}", other.diagnostics);
}

#[test]
fn a_plan_that_fails_keeps_the_identity() {
    let core = Core::without_server();
    let sent = proto::ResourceIdentityData {
        identity_data: Some(proto::DynamicValue {
            msgpack: msgpack::encode(&Value::Map(Default::default())),
            json: Vec::new(),
        }),
    };
    let request = proto::plan_resource_change::Request {
        type_name: "incus_teapot".to_owned(),
        prior_identity: Some(sent.clone()),
        ..Default::default()
    };
    let answer = core.ask(core.provider().plan_resource_change(request));
    assert_eq!(answer.planned_identity, Some(sent));
}

fn identity(files: &ImageFiles, alias: impl Into<Json>) -> Json {
    json!({"remote": "local", "project": "default", "fingerprint": files.fingerprint, "alias": alias.into()})
}
