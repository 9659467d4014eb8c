//! Each rule about identities catches a wrong answer, and lets a right one pass.

use std::collections::BTreeMap;

use serde_json::json;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::resource_identity_schema::IdentityAttribute;

use crate::support::core::rules;
use crate::support::core::schema::Block;

fn schema() -> proto::ResourceIdentitySchema {
    let alias = IdentityAttribute {
        name: "alias".to_owned(),
        r#type: json!("string").to_string().into_bytes(),
        optional_for_import: true,
        description: "What it is called.".to_owned(),
        ..Default::default()
    };
    proto::ResourceIdentitySchema { version: 0, identity_attributes: vec![alias] }
}

fn block() -> Block {
    Block::read_identity(&schema())
}

fn of(alias: Value) -> Value {
    Value::Map(BTreeMap::from([("alias".to_owned(), alias)]))
}

fn known() -> Value {
    of(Value::String("alpine".to_owned()))
}

fn data(value: &Value) -> proto::ResourceIdentityData {
    let identity_data = proto::DynamicValue { msgpack: msgpack::encode(value), json: Vec::new() };
    proto::ResourceIdentityData { identity_data: Some(identity_data) }
}

#[test]
fn an_identity_is_of_its_schema_and_wholly_known() {
    assert_eq!(rules::identity(Some(&block()), Some(&data(&known()))), Ok(known()));
    assert_eq!(rules::identity(Some(&block()), None), Ok(Value::Null));
    rules::identity(Some(&block()), Some(&data(&of(Value::Unknown)))).unwrap_err();
    rules::identity(Some(&block()), Some(&data(&Value::Map(BTreeMap::new())))).unwrap_err();
    rules::identity(Some(&block()), Some(&data(&Value::Bool(true)))).unwrap_err();
}

#[test]
fn a_type_without_identities_has_none() {
    assert_eq!(rules::identity(None, None), Ok(Value::Null));
    rules::identity(None, Some(&data(&known()))).unwrap_err();
}

#[test]
fn what_exists_has_an_identity_and_what_is_gone_has_none() {
    let breach = |object: &Value, identity: &Value| rules::identified(Some(&block()), object, identity).is_some();
    assert!(!breach(&known(), &known()) && !breach(&Value::Null, &Value::Null));
    assert!(breach(&known(), &Value::Null) && breach(&Value::Null, &known()));
    assert_eq!(rules::identified(None, &known(), &Value::Null), None);
}

#[test]
fn only_an_update_plans_an_identity_and_it_is_the_prior_one() {
    let other = of(Value::Null);
    assert_eq!(rules::planned_identity(&known(), true, &known()), None);
    assert_eq!(rules::planned_identity(&known(), false, &Value::Null), None);
    assert!(rules::planned_identity(&known(), true, &other).is_some());
    assert!(rules::planned_identity(&known(), true, &Value::Null).is_some());
    assert!(rules::planned_identity(&known(), false, &known()).is_some());
}

#[test]
fn an_identity_schema_is_one_that_core_reads() {
    assert!(rules::identity_schema(&schema()).is_empty());
    let broken = |change: fn(&mut IdentityAttribute)| {
        let mut schema = schema();
        change(&mut schema.identity_attributes[0]);
        rules::identity_schema(&schema).len()
    };
    assert_eq!(broken(|attribute| attribute.required_for_import = true), 1);
    assert_eq!(broken(|attribute| attribute.optional_for_import = false), 1);
    assert_eq!(broken(|attribute| attribute.r#type = b"text".to_vec()), 1);
    assert_eq!(broken(|attribute| attribute.description.clear()), 1);
    assert_eq!(rules::identity_schema(&proto::ResourceIdentitySchema::default()).len(), 1);
}
