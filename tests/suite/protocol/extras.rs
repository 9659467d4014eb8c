//! Each rule of lists, actions and functions catches a wrong answer, and lets a right one pass.

use serde_json::{Value as Json, json};
use terraform_provider_incus::tfplugin::value::{Number, Value};
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::invoke_action::event::{Completed, Progress, Type};

use crate::support::core::rules;
use crate::support::core::schema::{Block, Schema};
use crate::support::core::{UNKNOWN, literal};

/// A resource, and its identity, with nothing but an alias.
fn blocks() -> (Block, Block) {
    let attribute = proto::schema::Attribute {
        name: "alias".to_owned(),
        r#type: b"\"string\"".to_vec(),
        required: true,
        ..Default::default()
    };
    let block = proto::schema::Block { attributes: vec![attribute], ..Default::default() };
    let identity = proto::resource_identity_schema::IdentityAttribute {
        name: "alias".to_owned(),
        r#type: b"\"string\"".to_vec(),
        required_for_import: true,
        ..Default::default()
    };
    let identity = proto::ResourceIdentitySchema { version: 0, identity_attributes: vec![identity] };
    (Schema::read(&proto::Schema { version: 0, block: Some(block) }).block, Block::read_identity(&identity))
}

fn dynamic(value: &Value) -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(value), json: Vec::new() }
}

fn broken(breaches: impl IntoIterator<Item = rules::Breach>) -> Vec<String> {
    breaches.into_iter().map(|breach| breach.rule.to_owned()).collect()
}

#[test]
fn what_is_listed_can_be_told_apart_and_shown() {
    let (block, identities) = blocks();
    let object = |literal: &Json| dynamic(&literal::object(&block, literal));
    let identity = |literal| Some(proto::ResourceIdentityData { identity_data: Some(object(literal)) });
    let (named, unknown, null) = (json!({"alias": "a"}), json!({"alias": UNKNOWN}), dynamic(&Value::Null));
    let whole = proto::list_resource::Event {
        identity: identity(&named),
        display_name: "a".to_owned(),
        resource_object: Some(object(&named)),
        diagnostic: Vec::new(),
    };
    let slim = proto::list_resource::Event { resource_object: None, ..whole.clone() };
    let warning = proto::list_resource::Event { diagnostic: vec![Default::default()], ..Default::default() };
    let judge = |event: &proto::list_resource::Event, with_object| {
        broken(rules::listed(Some(&identities), &block, event, with_object))
    };
    for (event, with_object) in [(&whole, true), (&slim, false), (&warning, true), (&warning, false)] {
        assert_eq!(judge(event, with_object), Vec::<String>::new(), "{event:?}");
    }

    const KNOWN: &str = "nothing is unknown after planning";
    let with = |object| proto::list_resource::Event { resource_object: Some(object), ..whole.clone() };
    let unnamed = proto::list_resource::Event { display_name: " ".to_owned(), ..whole.clone() };
    let anonymous = proto::list_resource::Event { identity: None, ..whole.clone() };
    let vague = proto::list_resource::Event { identity: identity(&unknown), ..whole.clone() };
    let malformed = proto::DynamicValue { msgpack: msgpack::encode(&Value::Bool(true)), json: Vec::new() };
    for (event, with_object, rule) in [
        (&anonymous, true, "what is listed has an identity"),
        (&Default::default(), false, "what is listed has an identity"),
        (&vague, true, KNOWN),
        (&unnamed, true, "what is listed has a name to show"),
        (&slim, true, "a state comes along where it is asked for"),
        (&with(null), true, "a state comes along where it is asked for"),
        (&whole, false, "no state comes along unasked"),
        (&with(object(&unknown)), true, KNOWN),
        (&with(malformed), true, "an object conforms to its schema"),
    ] {
        assert_eq!(judge(event, with_object), [rule], "{event:?}");
    }
    let none = broken(rules::listed(None, &block, &whole, true));
    assert_eq!(none, ["a type without an identity schema has no identity"]);
}

#[test]
fn an_action_ends_once_and_last() {
    let event = |event| proto::invoke_action::Event { r#type: event };
    let line = |text: &str| event(Some(Type::Progress(Progress { message: text.to_owned() })));
    let end = || event(Some(Type::Completed(Completed::default())));
    let judge = |events: &[_]| broken(rules::invoked(events));
    assert_eq!(judge(&[end()]), Vec::<String>::new());
    assert_eq!(judge(&[line("half"), line("whole"), end()]), Vec::<String>::new());

    assert_eq!(judge(&[]), ["an action ends"]);
    assert_eq!(judge(&[line("half")]), ["an action ends"]);
    assert_eq!(judge(&[event(None), end()]), ["an event says what it is"]);
    assert_eq!(judge(&[line(" "), end()]), ["progress says something"]);
    assert_eq!(judge(&[end(), line("more")]), ["nothing comes after the end"]);
    assert_eq!(judge(&[end(), end()]), ["nothing comes after the end"]);
    let deferred = proto::Deferred::default();
    assert_eq!(broken(rules::not_deferred(Some(deferred))), ["nothing is deferred unless the client allows it"]);
}

fn parameter(name: &str) -> proto::function::Parameter {
    proto::function::Parameter {
        name: name.to_owned(),
        r#type: b"\"string\"".to_vec(),
        description: "What it is.".to_owned(),
        ..Default::default()
    }
}

fn declaration() -> proto::Function {
    proto::Function {
        parameters: vec![parameter("path")],
        variadic_parameter: Some(parameter("rest")),
        r#return: Some(proto::function::Return { r#type: b"\"string\"".to_vec() }),
        summary: "It computes.".to_owned(),
        description: "It computes.".to_owned(),
        ..Default::default()
    }
}

#[test]
fn a_function_has_a_result_of_its_type_or_an_error() {
    let result = |value| proto::call_function::Response { result: Some(dynamic(&value)), error: None };
    let error = |text: &str, function_argument| proto::call_function::Response {
        result: None,
        error: Some(proto::FunctionError { text: text.to_owned(), function_argument }),
    };
    let judge = |answer| rules::called(&declaration(), 2, &answer).map_err(broken);
    let text = Value::String("a".to_owned());
    assert_eq!(judge(result(text.clone())), Ok(Some(text)));
    assert_eq!(judge(error("no", None)), Ok(None));
    assert_eq!(judge(error("no", Some(1))), Ok(None));

    for (answer, rule) in [
        (Default::default(), "a function has a result or an error"),
        (result(Value::Number(Number::Integer(1))), "a result is of the declared type"),
        (result(Value::Unknown), "nothing is unknown after planning"),
        (error(" ", None), "an error says something"),
        (error("no", Some(2)), "an error blames an argument of the call"),
        (error("no", Some(-1)), "an error blames an argument of the call"),
    ] {
        assert_eq!(judge(answer), Err(vec![rule.to_owned()]));
    }
}

#[test]
fn a_function_is_declared_in_a_way_that_core_takes() {
    let judge = |change: &dyn Fn(&mut proto::Function)| {
        let mut function = declaration();
        change(&mut function);
        broken(rules::function(&function))
    };
    assert_eq!(judge(&|_| {}), Vec::<String>::new());
    assert_eq!(judge(&|function| function.r#return = None), ["a function declares what it returns"]);
    assert_eq!(judge(&|function| function.summary.clear()), ["a function has a summary and a description"]);
    let twice = judge(&|function| function.variadic_parameter = Some(parameter("path")));
    assert_eq!(twice, ["a parameter has a name of its own"]);
    assert_eq!(judge(&|function| function.parameters[0].r#type.clear()), ["a type is one that core reads"]);
    assert_eq!(judge(&|function| function.parameters[0].description.clear()), ["a parameter has a description"]);
}
