//! Schemas as core reads them from `GetSchema`. Nothing here looks at the provider's own declarations.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::path::{Path, Step};
use terraform_provider_incus::tfplugin::types::Type;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::schema::nested_block::NestingMode;

/// A schema, and the version of the state written with it.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    pub(crate) version: i64,
    pub(crate) block: Block,
}

/// The content of a schema or of a nested block.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) attributes: BTreeMap<String, Attribute>,
    /// All of them are lists of blocks. One that may stand there once counts among the attributes.
    pub(crate) blocks: BTreeMap<String, Block>,
}

#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) ty: Type,
    pub(crate) optional: bool,
    pub(crate) required: bool,
    pub(crate) computed: bool,
}

impl Schema {
    pub(crate) fn read(schema: &proto::Schema) -> Self {
        let block = schema.block.as_ref().expect("a schema has a block: core crashes without");
        Self { version: schema.version, block: Block::read(block) }
    }
}

impl Block {
    /// The attributes of an identity, which an import may set.
    pub(crate) fn read_identity(schema: &proto::ResourceIdentitySchema) -> Self {
        let attributes = schema.identity_attributes.iter().map(|attribute| {
            let ty = parse_type(&attribute.r#type).unwrap_or_else(|error| panic!("{}: {error}", attribute.name));
            let (required, optional) = (attribute.required_for_import, attribute.optional_for_import);
            (attribute.name.clone(), Attribute { ty, optional, required, computed: false })
        });
        Self { attributes: attributes.collect(), blocks: BTreeMap::new() }
    }

    fn read(block: &proto::schema::Block) -> Self {
        let attributes = block.attributes.iter().map(|attribute| {
            let ty = parse_type(&attribute.r#type).unwrap_or_else(|error| panic!("{}: {error}", attribute.name));
            let proto::schema::Attribute { optional, required, computed, .. } = *attribute;
            (attribute.name.clone(), Attribute { ty, optional, required, computed })
        });
        let mut read = Self { attributes: attributes.collect(), blocks: BTreeMap::new() };
        for nested in &block.block_types {
            let name = nested.type_name.clone();
            let content = Block::read(nested.block.as_ref().expect("a nested block has a block"));
            match nested.nesting() {
                NestingMode::List => drop(read.blocks.insert(name, content)),
                // Null or an object, as configured: nothing else than an argument of that type.
                NestingMode::Single => {
                    let argument = Attribute { ty: content.ty(), optional: true, required: false, computed: false };
                    read.attributes.insert(name, argument);
                }
                other => panic!("{name}: this harness does not know blocks that nest as {other:?}"),
            }
        }
        read
    }

    /// The object type of its values.
    pub(crate) fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (leak(name), attribute.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, block)| (leak(name), Type::List(Box::new(block.ty()))));
        Type::Object(attributes.chain(blocks).collect())
    }

    /// Whether the schema has a place of this path.
    pub(crate) fn has(&self, path: &[Step]) -> bool {
        let [Step::Attribute(name), deeper @ ..] = path else { return path.is_empty() };
        match (self.attributes.get(name), self.blocks.get(name), deeper) {
            (Some(attribute), ..) => has_place(&attribute.ty, deeper),
            (None, Some(_), []) => true,
            (None, Some(block), [Step::Index(_), deeper @ ..]) => block.has(deeper),
            _ => false,
        }
    }
}

fn has_place(ty: &Type, path: &[Step]) -> bool {
    match (ty, path) {
        (_, []) => true,
        (Type::List(element), [Step::Index(_), deeper @ ..]) | (Type::Map(element), [Step::Key(_), deeper @ ..]) => {
            has_place(element, deeper)
        }
        (Type::Object(attributes), [Step::Attribute(name), deeper @ ..]) => {
            attributes.iter().any(|(declared, ty)| declared == name && has_place(ty, deeper))
        }
        // No path leads into a set.
        _ => false,
    }
}

/// Reads the JSON form of a type. `dynamic` and tuples are not among those that this harness knows.
pub(crate) fn parse_type(json: &[u8]) -> Result<Type, String> {
    from_json(&serde_json::from_slice(json).map_err(|error| error.to_string())?)
}

fn from_json(json: &Json) -> Result<Type, String> {
    let unknown = || Err(format!("not a type: {json}"));
    match (json.as_str(), json.as_array().map(Vec::as_slice)) {
        (Some("string"), _) => Ok(Type::String),
        (Some("number"), _) => Ok(Type::Number),
        (Some("bool"), _) => Ok(Type::Bool),
        (_, Some([kind, element])) => match kind.as_str() {
            Some("list") => Ok(Type::List(Box::new(from_json(element)?))),
            Some("set") => Ok(Type::Set(Box::new(from_json(element)?))),
            Some("map") => Ok(Type::Map(Box::new(from_json(element)?))),
            Some("object") => {
                let attributes = element.as_object().ok_or_else(|| format!("not attributes: {element}"))?;
                let attributes = attributes.iter().map(|(name, ty)| Ok((leak(name), from_json(ty)?)));
                attributes.collect::<Result<_, String>>().map(Type::Object)
            }
            _ => unknown(),
        },
        _ => unknown(),
    }
}

/// The crate's types name attributes by static text. A test run reads a few dozen of them.
fn leak(name: &str) -> &'static str {
    name.to_owned().leak()
}

/// A path from the wire; nothing where a step says nothing.
pub(crate) fn read_path(path: &proto::AttributePath) -> Option<Path> {
    use proto::attribute_path::step::Selector;
    path.steps.iter().try_fold(Path::root(), |path, step| {
        Some(path.then(match step.selector.as_ref()? {
            Selector::AttributeName(name) => Step::Attribute(name.clone()),
            Selector::ElementKeyString(key) => Step::Key(key.clone()),
            Selector::ElementKeyInt(index) => Step::Index(*index),
        }))
    })
}
