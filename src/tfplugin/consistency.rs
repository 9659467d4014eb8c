//! Whether an applied object is what was planned. Core checks the same and calls a difference a bug in the provider; said
//! here first, it is what it is: the server holds something else.

use super::path::{Path, Step};
use super::value::Value;

/// The places where `applied` differs from a value that `planned` knows. Unknown planned values may become anything; a set with
/// unknown elements is not compared.
#[must_use]
pub fn differences(planned: &Value, applied: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    compare(planned, applied, &Path::root(), &mut found);
    found
}

fn compare(planned: &Value, applied: &Value, path: &Path, found: &mut Vec<Path>) {
    match (planned, applied) {
        (Value::Unknown, _) => {}
        (Value::Set(_), Value::Set(_)) if !planned.is_wholly_known() => {}
        (Value::Map(planned), Value::Map(applied)) => {
            let keys = planned.keys().chain(applied.keys().filter(|key| !planned.contains_key(*key)));
            for key in keys {
                // Attributes and map keys look alike here; the outermost level is always an object.
                let step = match path.steps() {
                    [] => Step::Attribute(key.clone()),
                    _ => Step::Key(key.clone()),
                };
                let absent = Value::Null;
                let (planned, applied) = (planned.get(key), applied.get(key));
                compare(planned.unwrap_or(&absent), applied.unwrap_or(&absent), &path.clone().then(step), found);
            }
        }
        (Value::List(planned), Value::List(applied)) if planned.len() == applied.len() => {
            for ((index, planned), applied) in (0..).zip(planned).zip(applied) {
                compare(planned, applied, &path.clone().then(Step::Index(index)), found);
            }
        }
        (planned, applied) if planned == applied => {}
        _ => found.push(path.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    fn object(attribute: &str, value: Value) -> Value {
        Value::Map(BTreeMap::from([(attribute.to_owned(), value)]))
    }

    #[test]
    fn unknown_may_become_anything() {
        assert!(differences(&object("a", Value::Unknown), &object("a", text("x"))).is_empty());
        assert!(differences(&object("a", Value::Unknown), &object("a", Value::Null)).is_empty());
        let partly = Value::set(vec![Value::Unknown, text("x")]);
        assert!(differences(&object("a", partly), &object("a", Value::set(vec![text("x"), text("y")]))).is_empty());
    }

    #[test]
    fn each_difference_is_named_by_its_path() {
        let planned = object("properties", object("os", text("a")));
        let changed = object("properties", object("os", text("b")));
        assert_eq!(differences(&planned, &changed), [Path::attribute("properties").key("os")]);
        let appeared = object("properties", object("release", text("1")));
        let paths: Vec<_> = differences(&planned, &appeared).iter().map(ToString::to_string).collect();
        assert_eq!(paths, [r#"properties["os"]"#, r#"properties["release"]"#]);
        assert_eq!(differences(&object("list", Value::List(vec![])), &object("list", Value::Null)).len(), 1);
    }
}
