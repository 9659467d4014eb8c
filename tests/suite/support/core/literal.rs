//! Values written down in tests: JSON in, completed with nulls as core completes a configuration, and JSON out.

use serde_json::{Map, Value as Json};
use terraform_provider_incus::tfplugin::types::Type;
use terraform_provider_incus::tfplugin::value::{Number, Value};

use super::proposed::member;
use super::schema::Block;

/// An unknown value in a literal.
pub(crate) const UNKNOWN: &str = "(known after apply)";

/// The configuration that `literal` writes, if it is one that core would send: what is required is set, and what only the
/// provider can know is not.
#[track_caller]
pub(crate) fn configuration(block: &Block, literal: &Json) -> Value {
    let config = object(block, literal);
    for (name, attribute) in &block.attributes {
        let is_set = member(&config, name) != Value::Null;
        assert!(is_set || !attribute.required, "core refuses a configuration without {name}");
        assert!(!is_set || attribute.required || attribute.optional, "core refuses a configuration of {name}");
    }
    config
}

/// The object that `literal` writes: what it leaves out is null, or no blocks.
#[track_caller]
pub(crate) fn object(block: &Block, literal: &Json) -> Value {
    let mut rest = literal.as_object().cloned().expect("the literal of an object");
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let value = rest.remove(name).map_or(Value::Null, |literal| value(&attribute.ty, &literal));
        (name.clone(), value)
    });
    let mut members: std::collections::BTreeMap<_, _> = attributes.collect();
    for (name, nested) in &block.blocks {
        let literals = rest.remove(name).unwrap_or_else(|| Json::Array(Vec::new()));
        let value = match literals.as_array() {
            Some(literals) => Value::List(literals.iter().map(|literal| object(nested, literal)).collect()),
            None if literals == UNKNOWN => Value::Unknown,
            None => panic!("blocks {name} are written as an array, not as {literals}"),
        };
        members.insert(name.clone(), value);
    }
    assert!(rest.is_empty(), "the schema has none of {:?}", rest.keys());
    Value::Map(members)
}

/// The value of a type that `literal` writes.
#[track_caller]
pub(crate) fn value(ty: &Type, literal: &Json) -> Value {
    match (ty, literal) {
        (_, Json::Null) => Value::Null,
        (_, Json::String(text)) if text == UNKNOWN => Value::Unknown,
        (Type::Bool, Json::Bool(flag)) => Value::Bool(*flag),
        (Type::String, Json::String(text)) => Value::String(text.clone()),
        (Type::Number, Json::Number(number)) => Value::Number(Number::from_decimal(&number.to_string())),
        (Type::List(element), Json::Array(literals)) => Value::List(values(element, literals)),
        (Type::Set(element), Json::Array(literals)) => Value::set(values(element, literals)),
        (Type::Map(element), Json::Object(literals)) => {
            Value::Map(literals.iter().map(|(key, literal)| (key.clone(), value(element, literal))).collect())
        }
        (Type::Object(attributes), Json::Object(literals)) => {
            let member =
                |(name, ty): &(&str, Type)| ((*name).to_owned(), value(ty, literals.get(*name).unwrap_or(&Json::Null)));
            Value::Map(attributes.iter().map(member).collect())
        }
        _ => panic!("{} can't be written as {literal}", ty.noun()),
    }
}

#[track_caller]
fn values(element: &Type, literals: &[Json]) -> Vec<Value> {
    literals.iter().map(|literal| value(element, literal)).collect()
}

/// The value as JSON: the form of stored state, and of failure messages.
pub(crate) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown => Json::String(UNKNOWN.to_owned()),
        Value::Bool(flag) => Json::Bool(*flag),
        Value::Number(Number::Integer(integer)) => Json::from(*integer),
        Value::Number(Number::Decimal(decimal)) => serde_json::from_str(decimal).expect("a decimal number"),
        Value::String(text) => Json::String(text.clone()),
        Value::List(elements) | Value::Set(elements) => elements.iter().map(json).collect(),
        Value::Map(members) => {
            Json::Object(members.iter().map(|(name, value)| (name.clone(), json(value))).collect::<Map<_, _>>())
        }
    }
}
