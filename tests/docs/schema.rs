//! A schema as Markdown, under the headings that users of the registries know.

use terraform_provider_incus::tfplugin::schema::{Attribute, Block, NestedBlock, Nesting, OnChange, Usage};
use terraform_provider_incus::tfplugin::types::Type;

/// Whether a change of an argument means something for the object it belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Changes {
    Matter,
    DoNot,
}

/// The section about the arguments and results in `block`.
pub(super) fn section(block: &Block, changes: Changes) -> String {
    let mut parts = vec!["## Schema".to_owned()];
    parts.extend(legend(block, changes));
    parts.extend(content(block, changes, "###"));
    parts.extend(nested(block));
    parts.join("\n\n")
}

/// The attributes and blocks in `block` under headings of this level.
pub(super) fn content(block: &Block, changes: Changes, level: &str) -> Vec<String> {
    let headings = [("Required", Kind::Required), ("Optional", Kind::Optional), ("Read-Only", Kind::ReadOnly)];
    let parts = headings.into_iter().map(|(heading, kind)| {
        let attributes = block.attributes.iter().filter(|attribute| Kind::of(attribute.usage) == kind);
        let mut items: Vec<_> = attributes.map(|attribute| item(attribute, changes)).collect();
        if kind == Kind::Optional {
            items.extend(block.blocks.iter().map(block_item));
        }
        (heading, items)
    });
    let shown = parts.filter(|(_, items)| !items.is_empty());
    shown.map(|(heading, items)| format!("{level} {heading}\n\n{}", items.join("\n"))).collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Required,
    Optional,
    ReadOnly,
}

impl Kind {
    fn of(usage: Usage) -> Kind {
        match usage {
            Usage::Required => Kind::Required,
            Usage::Optional | Usage::OptionalComputed => Kind::Optional,
            Usage::Computed => Kind::ReadOnly,
        }
    }
}

/// What the words beside the types mean, where there are any.
fn legend(block: &Block, changes: Changes) -> Option<String> {
    let words = [OnChange::Update, OnChange::Content, OnChange::Replace, OnChange::Record];
    let used = words.into_iter().filter(|word| {
        block.attributes.iter().any(|attribute| change(attribute, changes).is_some_and(|used| used == *word))
    });
    let lines: Vec<_> = used.map(|word| format!("- *{}*: {}", name(word), meaning(word))).collect();
    (!lines.is_empty())
        .then(|| format!("Beside the type of an argument stands what a change of it means:\n\n{}", lines.join("\n")))
}

fn change(attribute: &Attribute, changes: Changes) -> Option<OnChange> {
    (changes == Changes::Matter && attribute.usage != Usage::Computed).then_some(attribute.on_change)
}

fn name(change: OnChange) -> &'static str {
    match change {
        OnChange::Update => "in place",
        OnChange::Content => "content",
        OnChange::Replace => "replace",
        OnChange::Record => "recorded",
    }
}

fn meaning(change: OnChange) -> &'static str {
    match change {
        OnChange::Update => "the object is changed where it is.",
        OnChange::Content => {
            "the object stays, and its content is swapped where the argument now leads to other content; where it leads to the \
             same, the change is recorded."
        }
        OnChange::Replace => "the object is destroyed, and another one is created.",
        OnChange::Record => "the state takes note, and nothing is written.",
    }
}

fn item(attribute: &Attribute, changes: Changes) -> String {
    let mut beside = vec![spelled(&attribute.ty)];
    beside.extend(attribute.sensitive.then(|| "Sensitive".to_owned()));
    beside.extend(change(attribute, changes).map(|change| format!("*{}*", name(change))));
    let below = fields(&attribute.ty).map(|_| below("nestedatt", attribute.name)).unwrap_or_default();
    format!("- `{}` ({}) {}{below}", attribute.name, beside.join(", "), indented(&attribute.description))
}

fn block_item(nested: &NestedBlock) -> String {
    let ty = match nested.nesting {
        Nesting::Single => "Block",
        Nesting::List => "Block List",
    };
    format!("- `{}` ({ty}) {}{}", nested.name, indented(&nested.block.description), below("nestedblock", nested.name))
}

fn below(kind: &str, name: &str) -> String {
    format!(" (see [below for nested schema](#{kind}--{name}))")
}

/// What stands in the blocks and objects, each in a section that their item links to.
fn nested(block: &Block) -> Vec<String> {
    let blocks = block.blocks.iter().map(|nested| {
        let content = content(&nested.block, Changes::DoNot, "####");
        format!("{}\n\n{}", anchor("nestedblock", nested.name), content.join("\n\n"))
    });
    let objects = block.attributes.iter().filter_map(|attribute| {
        let items: Vec<_> =
            fields(&attribute.ty)?.iter().map(|(name, ty)| format!("- `{name}` ({})", spelled(ty))).collect();
        Some(format!("{}\n\n{}", anchor("nestedatt", attribute.name), items.join("\n")))
    });
    blocks.chain(objects).collect()
}

fn anchor(kind: &str, name: &str) -> String {
    format!("<a id=\"{kind}--{name}\"></a>\n### Nested Schema for `{name}`")
}

/// The fields of the objects that a value of the type holds.
fn fields(ty: &Type) -> Option<&[(&'static str, Type)]> {
    match ty {
        Type::Object(fields) => Some(fields),
        Type::List(element) | Type::Set(element) | Type::Map(element) => fields(element),
        Type::String | Type::Number | Type::Bool => None,
    }
}

/// A type as the registries spell it.
pub(super) fn spelled(ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::List(element) => format!("List of {}", spelled(element)),
        Type::Set(element) => format!("Set of {}", spelled(element)),
        Type::Map(element) => format!("Map of {}", spelled(element)),
        Type::Object(_) => "Object".to_owned(),
    }
}

/// A description as part of a list item: further paragraphs and lists stay in it, lines are joined.
pub(super) fn indented(description: &str) -> String {
    let paragraphs: Vec<_> = description.split("\n\n").map(joined).collect();
    paragraphs.join("\n\n  ")
}

/// The lines of a paragraph as one, but for those that begin a list item.
fn joined(paragraph: &str) -> String {
    paragraph.replace("\n- ", "\0  - ").replace('\n', " ").replace('\0', "\n")
}
