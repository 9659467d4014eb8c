//! Schemas: what a provider, a resource or a data source takes and gives.

use super::typed::Typed;
use super::types::Type;

/// A schema with its version, which rises when stored state has to be upgraded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The version of the state that is written with it; 0 at first.
    pub version: i64,
    /// The attributes and nested blocks.
    pub block: &'static Block,
}

/// The content of a schema or of a nested block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Markdown.
    pub description: String,
    /// In the order of declaration.
    pub attributes: Vec<Attribute>,
    /// Nested blocks, in the order of declaration.
    pub blocks: Vec<NestedBlock>,
}

/// One attribute, declared once: schema, documentation and planning all read it from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The name in HCL.
    pub name: &'static str,
    /// The type.
    pub ty: Type,
    /// Markdown.
    pub description: String,
    /// Who sets it.
    pub usage: Usage,
    /// What a change of it means.
    pub on_change: OnChange,
    /// Whether Terraform hides its value from people.
    pub sensitive: bool,
}

/// Who sets an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// The configuration may, else the provider does.
    OptionalComputed,
    /// The provider does.
    Computed,
}

/// What a change of an attribute means for the object it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnChange {
    /// The object is changed in place.
    Update,
    /// Another object takes its place.
    Replace,
    /// What the attribute now resolves to decides: equal content is recorded, other content is brought in.
    Content,
    /// The state takes note; nothing else happens.
    Record,
}

/// How an attribute is declared, apart from its name, type and description.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    usage: Usage,
    on_change: OnChange,
}

impl From<Usage> for Declaration {
    /// For provider configurations and data sources, where a change means nothing in particular.
    fn from(usage: Usage) -> Declaration {
        usage.on_change(OnChange::Record)
    }
}

impl Usage {
    /// An attribute used like this, a change of which means `on_change`.
    #[must_use]
    pub const fn on_change(self, on_change: OnChange) -> Declaration {
        Declaration { usage: self, on_change }
    }
}

impl Declaration {
    /// The attribute `name`, which holds a `T`; `description` as rustdoc hands it over, a blank before each line.
    #[must_use]
    pub fn attribute<T: Typed>(self, name: &'static str, description: &str) -> Attribute {
        Attribute {
            name,
            ty: T::ty(),
            description: markdown(description),
            usage: self.usage,
            on_change: self.on_change,
            sensitive: T::SENSITIVE,
        }
    }
}

/// The Markdown in rustdoc's text, which has one blank before each line.
#[must_use]
pub fn markdown(rustdoc: &str) -> String {
    let lines: Vec<_> = rustdoc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n").trim().to_owned()
}

/// A block inside a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NestedBlock {
    /// The name in HCL.
    pub name: &'static str,
    /// How often it may stand there.
    pub nesting: Nesting,
    /// What stands in it.
    pub block: Block,
}

/// How often a nested block may stand in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// At most once.
    Single,
    /// Any number of times, in order.
    List,
}

impl NestedBlock {
    fn ty(&self) -> Type {
        match self.nesting {
            Nesting::Single => self.block.ty(),
            Nesting::List => Type::List(Box::new(self.block.ty())),
        }
    }
}

impl Block {
    /// The object type of the block's content.
    #[must_use]
    pub fn ty(&self) -> Type {
        let attributes = self.attributes.iter().map(|attribute| (attribute.name, attribute.ty.clone()));
        let blocks = self.blocks.iter().map(|nested| (nested.name, nested.ty()));
        Type::Object(attributes.chain(blocks).collect())
    }
}
