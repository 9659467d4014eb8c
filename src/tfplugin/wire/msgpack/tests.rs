//! The encoding: bytes as Terraform sends them, and that nothing is lost on the way there and back.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn decoded(bytes: &[u8], ty: &Type) -> Value {
    decode(bytes, ty).unwrap()
}

fn integer(number: i64) -> Value {
    Value::Number(Number::Integer(number))
}

fn decimal(text: &str) -> Value {
    Value::Number(Number::Decimal(text.to_owned()))
}

#[test]
fn null_and_unknown_stand_for_any_type() {
    for ty in [Type::String, Type::Bool, Type::Number, Type::Map(Box::new(Type::String)), Type::Object(vec![])] {
        assert_eq!(decoded(&[0xc0], &ty), Value::Null);
        assert_eq!(decoded(&[0xd4, 0, 0], &ty), Value::Unknown);
        // Refined: known not to be null. Refined by a prefix of 17 bytes, in the longer form.
        assert_eq!(decoded(&[0xc7, 3, 12, 0x81, 1, 0xc2], &ty), Value::Unknown);
        let mut long = vec![0xc7, 20, 12, 0x81, 2, 0xb1];
        long.extend([b'x'; 17]);
        assert_eq!(decoded(&long, &ty), Value::Unknown);
    }
}

#[test]
fn numbers_come_in_every_form() {
    let read = |bytes: &[u8]| decoded(bytes, &Type::Number);
    assert_eq!(read(&[0x07]), integer(7));
    assert_eq!(read(&[0xff]), integer(-1));
    assert_eq!(read(&[0xcd, 1, 0]), integer(256));
    assert_eq!(read(&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0]), integer(i64::MIN));
    assert_eq!(read(&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), decimal("18446744073709551615"));
    assert_eq!(read(&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), decimal("1.5"));
    assert_eq!(read(&[0xca, 0x3f, 0xc0, 0, 0]), decimal("1.5"));
    assert_eq!(read(&[0xcb, 0x40, 0, 0, 0, 0, 0, 0, 0]), integer(2));
    assert_eq!(read(&[0xa3, b'0', b'.', b'1']), decimal("0.1"));
    assert_eq!(read(&[0xa1, b'9']), integer(9));
    assert!(decode(&[0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], &Type::Number).is_err(), "not a number");
}

#[test]
fn sets_have_no_order_and_no_duplicates() {
    let set = Type::Set(Box::new(Type::String));
    let value = decoded(&[0x93, 0xa1, b'b', 0xa1, b'a', 0xa1, b'b'], &set);
    assert_eq!(value, Value::Set(vec![Value::String("a".into()), Value::String("b".into())]));
    let unknowns = decoded(&[0x92, 0xd4, 0, 0, 0xd4, 0, 0], &set);
    assert_eq!(unknowns, Value::Set(vec![Value::Unknown, Value::Unknown]));
}

#[test]
fn a_wrong_type_is_named_by_its_path() {
    let ty = Type::Object(vec![("properties", Type::Map(Box::new(Type::String)))]);
    let value = Value::Map(BTreeMap::from([(
        "properties".to_owned(),
        Value::Map(BTreeMap::from([("os".to_owned(), Value::Bool(true))])),
    )]));
    let error = decode(&encode(&value), &ty).unwrap_err();
    assert_eq!(error.to_string(), r#"properties["os"]: a string expected"#);
    let stranger = Value::Map(BTreeMap::from([("stranger".to_owned(), Value::Null)]));
    assert!(decode(&encode(&stranger), &ty).is_err());
}

#[test]
fn broken_bytes_are_an_error() {
    for bytes in [&[][..], &[0x92, 0xa1], &[0xdf, 0xff, 0xff, 0xff, 0xff], &[0xc7, 200, 0]] {
        assert!(decode(bytes, &Type::String).is_err(), "{bytes:?}");
    }
}

/// A type, and a value of it with null and unknown at any level.
fn typed_value() -> impl Strategy<Value = (Type, Value)> {
    let names = ["first", "second", "third"];
    let types =
        prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool)].prop_recursive(3, 12, 3, move |inner| {
            prop_oneof![
                inner.clone().prop_map(|ty| Type::List(Box::new(ty))),
                inner.clone().prop_map(|ty| Type::Set(Box::new(ty))),
                inner.clone().prop_map(|ty| Type::Map(Box::new(ty))),
                prop::collection::vec(inner, 0..3)
                    .prop_map(move |types| Type::Object(names.into_iter().zip(types).collect())),
            ]
        });
    types.prop_flat_map(|ty| (Just(ty.clone()), value_of(ty)))
}

fn value_of(ty: Type) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::String => any::<String>().prop_map(Value::String).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        Type::Number => prop_oneof![
            any::<i64>().prop_map(integer),
            any::<f64>().prop_filter_map("no number", |float| Number::from_float(float).map(Value::Number)),
            "[1-9][0-9]{30,60}".prop_map(|digits| decimal(&digits)),
        ]
        .boxed(),
        Type::List(element) => prop::collection::vec(value_of(*element), 0..4).prop_map(Value::List).boxed(),
        Type::Set(element) => prop::collection::vec(value_of(*element), 0..4).prop_map(Value::set).boxed(),
        Type::Map(element) => {
            prop::collection::btree_map(any::<String>(), value_of(*element), 0..4).prop_map(Value::Map).boxed()
        }
        Type::Object(attributes) => attributes
            .into_iter()
            .map(|(name, ty)| value_of(ty).prop_map(move |value| (name.to_owned(), value)))
            .collect::<Vec<_>>()
            .prop_map(|attributes| Value::Map(attributes.into_iter().collect()))
            .boxed(),
    };
    prop_oneof![8 => known, 1 => Just(Value::Null), 1 => Just(Value::Unknown)].boxed()
}

proptest! {
    #[test]
    fn decoding_undoes_encoding((ty, value) in typed_value()) {
        prop_assert_eq!(decoded(&encode(&value), &ty), value);
    }

    #[test]
    fn no_bytes_crash_the_decoder(bytes in prop::collection::vec(any::<u8>(), 0..64), (ty, _) in typed_value()) {
        let _ = decode(&bytes, &ty);
    }
}
