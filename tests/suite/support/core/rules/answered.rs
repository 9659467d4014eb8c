//! What holds for every answer, whatever was asked: values of the schema's type, well-formed diagnostics, private data kept.

use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::types::Type;
use terraform_provider_incus::tfplugin::value::{Number, Value};
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use crate::support::core::breach::{Breach, element, member};
use crate::support::core::literal;
use crate::support::core::schema::{Block, read_path};

/// Reads an object. It has every attribute of the schema and no other; nothing at all is null.
pub(crate) fn decoded(block: &Block, value: Option<&proto::DynamicValue>) -> Result<Value, Vec<Breach>> {
    const RULE: &str = "an object conforms to its schema";
    let Some(value) = value.filter(|value| !(value.msgpack.is_empty() && value.json.is_empty())) else {
        return Ok(Value::Null);
    };
    if value.msgpack.is_empty() {
        return Err(vec![Breach::of_all("values are MessagePack", "this one is JSON, which can't hold an unknown")]);
    }
    let ty = block.ty();
    let decoded =
        msgpack::decode(&value.msgpack, &ty).map_err(|error| vec![Breach::of_all(RULE, error.to_string())])?;
    let mut faults = Vec::new();
    find_faults(&ty, &decoded, &Path::root(), &mut |path, fault| faults.push(Breach::new(RULE, path, fault)));
    if faults.is_empty() { Ok(decoded) } else { Err(faults) }
}

/// What decoding lets pass: attributes that are absent, and text that is no number.
fn find_faults(ty: &Type, value: &Value, path: &Path, fault: &mut impl FnMut(&Path, &str)) {
    match (ty, value) {
        (Type::Object(attributes), Value::Map(members)) => {
            for (name, ty) in attributes {
                match members.get(*name) {
                    Some(value) => find_faults(ty, value, &member(path, name), fault),
                    None => fault(&member(path, name), "absent"),
                }
            }
        }
        (Type::Map(ty), Value::Map(members)) => {
            members.iter().for_each(|(key, value)| find_faults(ty, value, &member(path, key), fault));
        }
        (Type::List(ty), Value::List(elements)) | (Type::Set(ty), Value::Set(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                find_faults(ty, value, &element(path, index), fault);
            }
        }
        (_, Value::Number(Number::Decimal(text))) if !text.parse().is_ok_and(f64::is_finite) => {
            fault(path, &format!("{text} is not a number"));
        }
        _ => {}
    }
}

/// A state, or what was read, has nothing unknown in it.
pub(crate) fn wholly_known(value: &Value) -> Vec<Breach> {
    let mut unknown = Vec::new();
    find_unknown(value, &Path::root(), &mut unknown);
    unknown.iter().map(|path| Breach::new("nothing is unknown after planning", path, "unknown")).collect()
}

fn find_unknown(value: &Value, path: &Path, unknown: &mut Vec<Path>) {
    match value {
        Value::Unknown => unknown.push(path.clone()),
        Value::Map(members) => {
            members.iter().for_each(|(name, value)| find_unknown(value, &member(path, name), unknown));
        }
        Value::List(elements) | Value::Set(elements) => {
            for (index, value) in elements.iter().enumerate() {
                find_unknown(value, &element(path, index), unknown);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Each diagnostic is an error or a warning, says something, and points at a place that the schema has.
pub(crate) fn diagnostics(block: &Block, found: &[proto::Diagnostic]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for diagnostic in found {
        let mut breach = |rule, detail: String| breaches.push(Breach::of_all(rule, detail));
        if !matches!(diagnostic.severity, 1 | 2) {
            breach("a diagnostic is an error or a warning", format!("{diagnostic:?}"));
        }
        if diagnostic.summary.trim().is_empty() {
            breach("a diagnostic has a summary", format!("{diagnostic:?}"));
        }
        match diagnostic.attribute.as_ref().map(read_path) {
            Some(None) => breach("each step of a path says where", format!("{diagnostic:?}")),
            Some(Some(path)) if !block.has(path.steps()) => {
                breach("a diagnostic points at a place of the schema", format!("{path} in {diagnostic:?}"));
            }
            Some(Some(_)) | None => {}
        }
    }
    breaches
}

/// Core replaces private data by what an answer holds: what is not sent back is lost.
pub(crate) fn private_kept(before: &[u8], object: &Value, after: &[u8]) -> Option<Breach> {
    let lost = !before.is_empty() && *object != Value::Null && after.is_empty();
    lost.then(|| {
        let before = String::from_utf8_lossy(before);
        Breach::of_all("private data is sent back", format!("was {before}, now none"))
    })
}

/// An upgrade of a state that is current already changes nothing.
pub(crate) fn round_trip(stored: &Value, upgraded: &Value) -> Option<Breach> {
    let detail = || format!("was {}, now {}", literal::json(stored), literal::json(upgraded));
    (stored != upgraded).then(|| Breach::of_all("a current state is upgraded to itself", detail()))
}
