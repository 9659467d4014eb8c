//! Each rule catches a wrong answer, and lets a right one pass.

use serde_json::{Value as Json, json};
use terraform_provider_incus::tfplugin::path::{Path, Step};
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::attribute_path::{Step as WireStep, step::Selector};
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::schema::nested_block::NestingMode;

use crate::support::core::proposed::proposed_new;
use crate::support::core::rules::{self, Ending};
use crate::support::core::schema::{Block, Schema};
use crate::support::core::{UNKNOWN, literal};

/// An alias that is set, a name that may be, a size that the provider knows, tags, properties, and disks in blocks.
fn wire_schema() -> proto::Schema {
    let attribute = |name: &str, ty: Json, optional, computed| proto::schema::Attribute {
        name: name.to_owned(),
        r#type: ty.to_string().into_bytes(),
        description: "What it is.".to_owned(),
        required: !(optional || computed),
        optional,
        computed,
        ..Default::default()
    };
    let disk = proto::schema::Block {
        attributes: vec![
            attribute("path", json!("string"), false, false),
            attribute("used", json!("number"), false, true),
        ],
        ..Default::default()
    };
    let block = proto::schema::Block {
        attributes: vec![
            attribute("alias", json!("string"), false, false),
            attribute("name", json!("string"), true, true),
            attribute("note", json!("string"), true, false),
            attribute("size", json!("number"), false, true),
            attribute("tags", json!(["set", "string"]), true, true),
            attribute("properties", json!(["map", "string"]), true, true),
        ],
        block_types: vec![proto::schema::NestedBlock {
            type_name: "disk".to_owned(),
            block: Some(disk),
            nesting: NestingMode::List.into(),
            ..Default::default()
        }],
        ..Default::default()
    };
    proto::Schema { version: 1, block: Some(block) }
}

fn block() -> Block {
    Schema::read(&wire_schema()).block
}

#[allow(clippy::needless_pass_by_value)] // So that a literal can stand in its place.
fn object(literal: Json) -> Value {
    literal::object(&block(), &literal)
}

/// The rules that were broken, and where.
fn broken(breaches: impl IntoIterator<Item = rules::Breach>) -> Vec<String> {
    breaches.into_iter().map(|breach| format!("{}: {}", breach.path, breach.rule)).collect()
}

fn planned(prior: &Value, config: Json, planned: Json) -> Vec<String> {
    broken(rules::planned(&block(), prior, &object(config), &object(planned)))
}

#[test]
fn core_proposes_the_configuration_over_what_was_computed() {
    let prior = object(json!({
        "alias": "a", "name": "n", "note": "gone", "size": 1, "tags": ["x"],
        "disk": [{"path": "/", "used": 2}, {"path": "/srv", "used": 3}],
    }));
    let config = object(json!({"alias": "b", "tags": [], "disk": [{"path": "/var"}]}));
    let proposed = json!({"alias": "b", "name": "n", "size": 1, "tags": [], "disk": [{"path": "/var", "used": 2}]});
    assert_eq!(proposed_new(&block(), &prior, &config), object(proposed));
    assert_eq!(proposed_new(&block(), &Value::Null, &config), config);

    let unknown = object(json!({"alias": UNKNOWN, "disk": UNKNOWN}));
    assert_eq!(proposed_new(&block(), &Value::Null, &unknown), unknown);
}

#[test]
fn what_is_configured_is_planned_as_configured_or_as_it_was() {
    let prior = object(json!({"alias": "A", "size": 1}));
    let accepted = |config, plan| assert_eq!(planned(&prior, config, plan), Vec::<String>::new());
    accepted(json!({"alias": "a"}), json!({"alias": "a", "size": UNKNOWN}));
    accepted(json!({"alias": "a"}), json!({"alias": "A", "name": "computed", "tags": ["x"]}));
    accepted(json!({"alias": UNKNOWN}), json!({"alias": UNKNOWN}));
    accepted(json!({"alias": "a", "tags": ["y", "x"]}), json!({"alias": "a", "tags": ["x", "y"]}));

    const RULE: &str = "a configured attribute is planned as configured, or as it was";
    let refused = |config, plan, attribute| assert_eq!(planned(&prior, config, plan), [format!("{attribute}: {RULE}")]);
    refused(json!({"alias": "a"}), json!({"alias": "b"}), "alias");
    refused(json!({"alias": "a"}), json!({"alias": UNKNOWN}), "alias");
    refused(json!({"alias": UNKNOWN}), json!({"alias": "guessed"}), "alias");
    refused(json!({"alias": "a", "name": "n"}), json!({"alias": "a"}), "name");
    refused(json!({"alias": "a", "tags": []}), json!({"alias": "a"}), "tags");
    let more = json!({"alias": "a", "properties": {"os": "Tiny", "serial": "1"}});
    refused(json!({"alias": "a", "properties": {"os": "Tiny"}}), more, "properties");
}

#[test]
fn what_is_not_computed_is_null_unless_configured() {
    let prior = object(json!({"alias": "a", "note": "n"}));
    let found = planned(&prior, json!({"alias": "a"}), json!({"alias": "a", "note": "n"}));
    assert_eq!(found, ["note: an attribute that is not computed is null unless configured"]);
}

#[test]
fn blocks_are_planned_one_for_one() {
    let disk = json!({"alias": "a", "disk": [{"path": "/"}]});
    let filled = json!({"alias": "a", "disk": [{"path": "/", "used": UNKNOWN}]});
    assert!(planned(&Value::Null, disk.clone(), filled).is_empty());
    let unknown = json!({"alias": "a", "disk": UNKNOWN});
    assert!(planned(&Value::Null, unknown, disk.clone()).is_empty());

    const RULE: &str = "disk: as many blocks are planned as are configured";
    assert_eq!(planned(&Value::Null, disk.clone(), json!({"alias": "a"})), [RULE]);
    assert_eq!(planned(&Value::Null, disk.clone(), json!({"alias": "a", "disk": UNKNOWN})), [RULE]);
    let other = json!({"alias": "a", "disk": [{"path": "/srv"}]});
    assert_eq!(
        planned(&Value::Null, disk, other),
        ["disk[0][\"path\"]: a configured attribute is planned as configured, or as it was"]
    );
    // No blocks are an empty list, not null.
    let Value::Map(mut members) = object(json!({"alias": "a"})) else { panic!("an object") };
    members.insert("disk".to_owned(), Value::Null);
    let config = object(json!({"alias": "a"}));
    assert_eq!(broken(rules::planned(&block(), &Value::Null, &config, &Value::Map(members))), [RULE]);
}

#[test]
fn an_object_is_planned_where_one_is_configured() {
    const RULE: &str = ": an object is planned where one is configured";
    let image = object(json!({"alias": "a"}));
    let found = |config, planned| broken(rules::planned(&block(), &image, config, planned));
    assert!(found(&Value::Null, &Value::Null).is_empty());
    assert_eq!(found(&Value::Null, &image), [RULE]);
    assert_eq!(found(&image, &Value::Null), [RULE]);
    assert_eq!(found(&image, &Value::Unknown), [RULE]);
}

#[test]
fn only_a_change_of_an_attribute_requires_a_replacement() {
    let prior = object(json!({"alias": "a", "size": 1, "properties": {"os": "Tiny"}, "tags": ["x"]}));
    let next = object(json!({"alias": "b", "size": UNKNOWN, "properties": {"os": "Tiny"}, "tags": ["y"]}));
    let found = |path: Path| broken(rules::replacing(&block(), &prior, &next, &[path]));
    for changed in ["alias", "size", "tags"] {
        assert!(found(Path::attribute(changed)).is_empty(), "{changed}");
    }
    const RULE: &str = "what requires a replacement is a change of an attribute";
    assert_eq!(found(Path::attribute("properties")), [format!("properties: {RULE}")]);
    assert_eq!(found(Path::attribute("properties").key("os")), [format!("properties[\"os\"]: {RULE}")]);
    assert_eq!(found(Path::attribute("properties").key("no")), [format!("properties[\"no\"]: {RULE}")]);
    assert_eq!(found(Path::attribute("owner")), [format!("owner: {RULE}")]);
    assert_eq!(found(Path::attribute("tags").key("x")), [format!("tags[\"x\"]: {RULE}")]);
    assert_eq!(found(Path::root()), [format!(": {RULE}")]);
}

#[test]
fn what_was_planned_comes_true() {
    let next = object(json!({
        "alias": "a", "size": UNKNOWN, "properties": {"os": "Tiny"}, "tags": ["x", UNKNOWN], "disk": [{"path": "/"}],
    }));
    let found = |changed: Json| {
        let mut literal = json!({
            "alias": "a", "size": 1, "properties": {"os": "Tiny"}, "tags": ["x", "y"], "disk": [{"path": "/"}],
        });
        literal.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        broken(rules::applied(&Value::Null, &next, &object(literal), Ending::Success))
    };
    let at = |path: &str| [format!("{path}: what was planned comes true")];
    assert!(found(json!({})).is_empty());
    assert!(found(json!({"size": null, "tags": ["x"]})).is_empty());
    assert_eq!(found(json!({"alias": "b"})), at("alias"));
    assert_eq!(found(json!({"note": "n"})), at("note"));
    assert_eq!(found(json!({"properties": {}})), at("properties[\"os\"]"));
    assert_eq!(found(json!({"properties": null})), at("properties"));
    assert_eq!(found(json!({"properties": {"os": "Tiny", "serial": "1"}})), at("properties[\"serial\"]"));
    assert_eq!(found(json!({"tags": ["y", "z"]})), at("tags"));
    assert_eq!(found(json!({"tags": ["x", "y", "z"]})), at("tags"));
    assert_eq!(found(json!({"disk": []})), at("disk"));
    assert_eq!(found(json!({"size": UNKNOWN})), ["size: nothing is unknown after planning"]);
    assert_eq!(found(json!({"tags": ["x", UNKNOWN]})), ["tags[0]: nothing is unknown after planning"]);
}

#[test]
fn an_apply_leaves_what_it_should() {
    let image = object(json!({"alias": "a"}));
    let other = object(json!({"alias": "b"}));
    let found = |prior, planned, new, ending| broken(rules::applied(prior, planned, new, ending));
    assert!(found(&image, &Value::Null, &Value::Null, Ending::Success).is_empty());
    assert_eq!(found(&image, &Value::Null, &image, Ending::Success), [": a destroyed object is gone"]);
    assert_eq!(
        found(&Value::Null, &image, &Value::Null, Ending::Success),
        [": a planned object exists after the apply"]
    );
    // A failed create leaves an object or none, of whatever content; a failed update or destroy leaves one.
    assert!(found(&Value::Null, &image, &Value::Null, Ending::Failure).is_empty());
    assert!(found(&Value::Null, &image, &other, Ending::Failure).is_empty());
    assert!(found(&image, &other, &image, Ending::Failure).is_empty());
    assert_eq!(found(&image, &other, &Value::Null, Ending::Failure), [": a failure keeps the state"]);
    assert_eq!(found(&image, &Value::Null, &Value::Null, Ending::Failure), [": a failure keeps the state"]);
}

#[test]
fn an_object_conforms_to_its_schema() {
    let read = |value: &Value| {
        let wire = proto::DynamicValue { msgpack: msgpack::encode(value), json: Vec::new() };
        rules::decoded(&block(), Some(&wire)).map_err(broken)
    };
    let image = object(json!({"alias": "a", "size": UNKNOWN, "disk": [{"path": "/"}]}));
    assert_eq!(read(&image), Ok(image.clone()));
    assert_eq!(read(&Value::Null), Ok(Value::Null));
    assert_eq!(rules::decoded(&block(), None).map_err(broken), Ok(Value::Null));

    let with = |name: &str, value: Option<Value>| {
        let Value::Map(mut members) = image.clone() else { panic!("an object") };
        members.remove(name);
        members.extend(value.map(|value| (name.to_owned(), value)));
        Value::Map(members)
    };
    const RULE: &str = "an object conforms to its schema";
    assert_eq!(read(&with("note", None)), Err(vec![format!("note: {RULE}")]));
    assert_eq!(read(&with("owner", Some(Value::Null))), Err(vec![format!(": {RULE}")]));
    assert_eq!(read(&with("size", Some(Value::String("large".to_owned())))), Err(vec![format!("size: {RULE}")]));
    assert_eq!(read(&with("size", Some(Value::Bool(true)))), Err(vec![format!(": {RULE}")]));
    let incomplete = Value::List(vec![Value::Map([("path".to_owned(), Value::Null)].into())]);
    assert_eq!(read(&with("disk", Some(incomplete))), Err(vec![format!("disk[0][\"used\"]: {RULE}")]));

    let json = proto::DynamicValue { msgpack: Vec::new(), json: b"{}".to_vec() };
    assert_eq!(rules::decoded(&block(), Some(&json)).map_err(broken), Err(vec![": values are MessagePack".to_owned()]));
}

#[test]
fn a_diagnostic_is_well_formed() {
    let right = proto::Diagnostic {
        severity: 1,
        summary: "Unable to read".to_owned(),
        detail: String::new(),
        attribute: Some(wire_path(&[Selector::AttributeName("alias".to_owned())])),
    };
    let found = |diagnostic: proto::Diagnostic| broken(rules::diagnostics(&block(), &[diagnostic]));
    assert!(found(right.clone()).is_empty());
    assert!(found(proto::Diagnostic { severity: 2, attribute: None, ..right.clone() }).is_empty());
    let severity = proto::Diagnostic { severity: 0, ..right.clone() };
    assert_eq!(found(severity), [": a diagnostic is an error or a warning"]);
    let silent = proto::Diagnostic { summary: " ".to_owned(), ..right.clone() };
    assert_eq!(found(silent), [": a diagnostic has a summary"]);

    let at = |steps: &[Selector]| found(proto::Diagnostic { attribute: Some(wire_path(steps)), ..right.clone() });
    let name = |name: &str| Selector::AttributeName(name.to_owned());
    let key = |key: &str| Selector::ElementKeyString(key.to_owned());
    assert!(at(&[name("properties"), key("any")]).is_empty());
    assert!(at(&[name("disk"), Selector::ElementKeyInt(0), name("path")]).is_empty());
    for nowhere in [
        vec![name("owner")],
        vec![key("alias")],
        vec![name("alias"), key("a")],
        vec![name("tags"), key("x")],
        vec![name("properties"), name("os")],
        vec![name("disk"), name("path")],
    ] {
        assert_eq!(at(&nowhere), [": a diagnostic points at a place of the schema"], "{nowhere:?}");
    }
    let mut empty = right.clone();
    empty.attribute = Some(proto::AttributePath { steps: vec![WireStep { selector: None }] });
    assert_eq!(found(empty), [": each step of a path says where"]);
}

fn wire_path(steps: &[Selector]) -> proto::AttributePath {
    let steps = steps.iter().map(|selector| WireStep { selector: Some(selector.clone()) });
    proto::AttributePath { steps: steps.collect() }
}

#[test]
fn private_data_is_sent_back() {
    let image = object(json!({"alias": "a"}));
    let lost = |before: &[u8], object, after: &[u8]| broken(rules::private_kept(before, object, after));
    assert_eq!(lost(b"marker", &image, b""), [": private data is sent back"]);
    assert!(lost(b"marker", &image, b"other").is_empty());
    assert!(lost(b"marker", &Value::Null, b"").is_empty());
    assert!(lost(b"", &image, b"").is_empty());
}

#[test]
fn a_current_state_is_upgraded_to_itself() {
    let with = object(json!({"alias": "a", "tags": []}));
    let without = object(json!({"alias": "a"}));
    assert_eq!(broken(rules::round_trip(&with, &without)), [": a current state is upgraded to itself"]);
    assert!(rules::round_trip(&with, &with).is_none());
}

#[test]
fn what_is_known_after_planning_is_wholly_known() {
    let read = object(json!({"alias": "a", "disk": [{"path": UNKNOWN}], "properties": {"os": UNKNOWN}}));
    assert_eq!(
        broken(rules::wholly_known(&read)),
        [
            "disk[0][\"path\"]: nothing is unknown after planning",
            "properties[\"os\"]: nothing is unknown after planning"
        ]
    );
    assert!(rules::wholly_known(&object(json!({"alias": "a"}))).is_empty());
}

#[test]
fn a_schema_is_one_that_core_takes() {
    let found = |change: fn(&mut proto::schema::Block)| {
        let mut schema = wire_schema();
        change(schema.block.as_mut().unwrap());
        broken(rules::schema(Some(&schema), rules::RESERVED_IN_RESOURCES))
    };
    assert!(found(|_| {}).is_empty());
    assert_eq!(broken(rules::schema(None, &[])), [": a schema has a block"]);
    assert_eq!(found(|block| block.attributes[0].name = "Alias".into()), ["Alias: a name has only a-z, 0-9 and _"]);
    assert_eq!(found(|block| block.attributes[0].name = "count".into()), ["count: a name is not reserved"]);
    assert_eq!(found(|block| block.attributes[0].name = "disk".into()), ["disk: a name occurs once"]);
    assert_eq!(
        found(|block| block.attributes[0].computed = true),
        ["alias: an attribute is required, optional, computed, or both of the last"]
    );
    assert_eq!(
        found(|block| block.attributes[0].required = false),
        ["alias: an attribute is required, optional, computed, or both of the last"]
    );
    assert_eq!(
        found(|block| block.attributes[0].r#type = b"string".to_vec()),
        ["alias: a type is one that core reads"]
    );
    assert_eq!(found(|block| block.attributes[0].description.clear()), ["alias: an attribute has a description"]);
    assert_eq!(
        found(|block| block.attributes[0].deprecation_message = "old".into()),
        ["alias: only what is deprecated says why"]
    );
    assert_eq!(found(|block| block.block_types[0].nesting = 0), ["disk: a block nests in a way that core knows"]);
    assert_eq!(found(|block| block.block_types[0].min_items = -1), ["disk: a block nests in a way that core knows"]);
    assert_eq!(found(|block| block.block_types[0].block = None), ["disk: a nested block has a block"]);
}

#[test]
fn a_path_leads_to_what_the_schema_has() {
    let has = |steps: &[Step]| block().has(steps);
    assert!(has(&[]));
    assert!(has(&[Step::Attribute("disk".into())]));
    assert!(!has(&[Step::Attribute("disk".into()), Step::Index(0), Step::Attribute("no".into())]));
}
