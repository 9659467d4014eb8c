//! Protobuf messages from what a provider is written with, and back.

use super::error::DecodeError;
use super::proto::tfplugin5 as proto;
use super::{json, msgpack};
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::tfplugin::function::Signature;
use crate::tfplugin::path::{Path, Step};
use crate::tfplugin::schema::{Attribute, Block, NestedBlock, Nesting, Schema, Usage};
use crate::tfplugin::types::Type;
use crate::tfplugin::value::Value;

/// Reads a value of type `ty`; an absent one is null.
pub(super) fn value(message: Option<proto::DynamicValue>, ty: &Type) -> Result<Value, DecodeError> {
    match message {
        Some(message) if !message.msgpack.is_empty() => msgpack::decode(&message.msgpack, ty),
        Some(message) if !message.json.is_empty() => json::decode(&message.json, ty),
        _ => Ok(Value::Null),
    }
}

pub(super) fn dynamic_value(value: &Value) -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(value), json: Vec::new() }
}

pub(super) fn diagnostics(diagnostics: Diagnostics) -> Vec<proto::Diagnostic> {
    diagnostics.into_iter().map(diagnostic).collect()
}

fn diagnostic(diagnostic: Diagnostic) -> proto::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    let steps = diagnostic.path.steps();
    proto::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary,
        detail: diagnostic.detail,
        attribute: (!steps.is_empty()).then(|| attribute_path(&diagnostic.path)),
    }
}

pub(super) fn attribute_path(path: &Path) -> proto::AttributePath {
    use proto::attribute_path::step::Selector;
    let selector = |step: &Step| match step {
        Step::Attribute(name) => Selector::AttributeName(name.clone()),
        Step::Key(key) => Selector::ElementKeyString(key.clone()),
        Step::Index(index) => Selector::ElementKeyInt(*index),
    };
    let step = |step| proto::attribute_path::Step { selector: Some(selector(step)) };
    proto::AttributePath { steps: path.steps().iter().map(step).collect() }
}

pub(super) fn schema(schema: Schema) -> proto::Schema {
    proto::Schema { version: schema.version, block: Some(block(schema.block)) }
}

/// The schema of an identity: what the schema of a resource calls optional may be left out of an import.
pub(super) fn identity_schema(schema: Schema) -> proto::ResourceIdentitySchema {
    let attribute = |attribute: &Attribute| proto::resource_identity_schema::IdentityAttribute {
        name: attribute.name.to_owned(),
        r#type: attribute.ty.to_json().to_string().into_bytes(),
        required_for_import: attribute.usage == Usage::Required,
        optional_for_import: attribute.usage == Usage::Optional,
        description: attribute.description.clone(),
    };
    proto::ResourceIdentitySchema {
        version: schema.version,
        identity_attributes: schema.block.attributes.iter().map(attribute).collect(),
    }
}

pub(super) fn identity_data(identity: &Value) -> proto::ResourceIdentityData {
    proto::ResourceIdentityData { identity_data: Some(dynamic_value(identity)) }
}

pub(super) fn function(signature: Signature) -> proto::Function {
    let parameter = |parameter: Attribute| proto::function::Parameter {
        name: parameter.name.to_owned(),
        r#type: parameter.ty.to_json().to_string().into_bytes(),
        // Core answers for us: null is refused, and what is unknown makes the result unknown.
        allow_null_value: false,
        allow_unknown_values: false,
        description: parameter.description,
        description_kind: proto::StringKind::Markdown.into(),
    };
    proto::Function {
        parameters: signature.parameters.into_iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.map(parameter),
        r#return: Some(proto::function::Return { r#type: signature.returns.to_json().to_string().into_bytes() }),
        summary: signature.summary.to_owned(),
        description: signature.description,
        description_kind: proto::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    }
}

fn block(block: &Block) -> proto::schema::Block {
    proto::schema::Block {
        attributes: block.attributes.iter().map(attribute).collect(),
        block_types: block.blocks.iter().map(nested_block).collect(),
        description: block.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        ..Default::default()
    }
}

fn attribute(attribute: &Attribute) -> proto::schema::Attribute {
    proto::schema::Attribute {
        name: attribute.name.to_owned(),
        r#type: attribute.ty.to_json().to_string().into_bytes(),
        description: attribute.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        required: attribute.usage == Usage::Required,
        optional: matches!(attribute.usage, Usage::Optional | Usage::OptionalComputed),
        computed: matches!(attribute.usage, Usage::Computed | Usage::OptionalComputed),
        sensitive: attribute.sensitive,
        ..Default::default()
    }
}

fn nested_block(nested: &NestedBlock) -> proto::schema::NestedBlock {
    use proto::schema::nested_block::NestingMode;
    let nesting = match nested.nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
    };
    proto::schema::NestedBlock {
        type_name: nested.name.to_owned(),
        block: Some(block(&nested.block)),
        nesting: nesting.into(),
        min_items: 0,
        max_items: 0,
    }
}
