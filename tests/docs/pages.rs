//! The pages: the index, and one for everything that the provider serves.

use terraform_provider_incus::provider::IncusProvider;
use terraform_provider_incus::tfplugin::erased::{AnyDataSource, AnyResource};
use terraform_provider_incus::tfplugin::function::Signature;
use terraform_provider_incus::tfplugin::model::Model;
use terraform_provider_incus::tfplugin::provider::Provider;
use terraform_provider_incus::tfplugin::schema::{Attribute, Block};
use terraform_provider_incus::tfplugin::types::Type;

use super::Pages;
use super::examples::{example, imports};
use super::schema::{Changes, content, indented, section, spelled};

const PROVIDER: &str = "incus";

/// Every page that is made.
pub(super) fn all() -> Pages {
    let provider = IncusProvider::default();
    let mut pages = Pages::from([("index.md".into(), index())]);
    for resource in provider.resources() {
        pages.insert(path("resources", resource.name()), resource_page(resource.as_ref()));
    }
    for data_source in provider.data_sources() {
        pages.insert(path("data-sources", data_source.name()), data_source_page(data_source.as_ref()));
    }
    for list_resource in provider.list_resources() {
        let (name, block) = (list_resource.name(), list_resource.schema().block);
        let example = example(&format!("list-resources/{name}/list-resource.tfquery.hcl"));
        let needs = "For `terraform query`, in Terraform 1.14 or newer. OpenTofu does not have it.";
        pages.insert(
            path("list-resources", name),
            plain_page(&Title::of(name, "List Resource"), block, needs, &example),
        );
    }
    for action in provider.actions() {
        let (name, block) = (action.name(), action.schema().block);
        let example = example(&format!("actions/{name}/action.tf"));
        let needs = "In Terraform 1.14 or newer. OpenTofu does not have it.";
        pages.insert(path("actions", name), plain_page(&Title::of(name, "Action"), block, needs, &example));
    }
    for function in provider.functions() {
        pages.insert(path("functions", function.name()), function_page(function.name(), &function.signature()));
    }
    pages
}

/// Where the registries look for a page: its name goes without the provider's.
fn path(folder: &str, name: &str) -> std::path::PathBuf {
    let name = name.strip_prefix(PROVIDER).and_then(|rest| rest.strip_prefix('_')).unwrap_or(name);
    format!("{folder}/{name}.md").into()
}

fn index() -> String {
    let block = <IncusProvider as Provider>::Config::block();
    let title = Title { page: format!("{PROVIDER} Provider"), heading: format!("{PROVIDER} Provider") };
    let usage = usage(&example("provider/provider.tf"));
    page(&title, &block.description, &[usage, section(block, Changes::DoNot)])
}

fn resource_page(resource: &dyn AnyResource) -> String {
    let (name, block) = (resource.name(), resource.schema().block);
    let folder = format!("resources/{name}");
    let mut sections = vec![usage(&example(&format!("{folder}/resource.tf"))), section(block, Changes::Matter)];
    let imports = imports(&folder);
    if !imports.is_empty() {
        sections.push(format!("## Import\n\n{}", imports.join("\n\n")));
        let identity = resource.identity_schema().block;
        let mut parts = vec![format!("### Identity Schema\n\n{}", identity.description)];
        parts.extend(content(identity, Changes::DoNot, "####"));
        sections.push(parts.join("\n\n"));
    }
    page(&Title::of(name, "Resource"), &block.description, &sections)
}

fn data_source_page(data_source: &dyn AnyDataSource) -> String {
    let (name, block) = (data_source.name(), data_source.schema().block);
    let usage = usage(&example(&format!("data-sources/{name}/data-source.tf")));
    page(&Title::of(name, "Data Source"), &block.description, &[usage, section(block, Changes::DoNot)])
}

/// A page about something that is there from a certain version of Terraform on.
fn plain_page(title: &Title, block: &Block, needs: &str, example: &str) -> String {
    let sections = [needs.to_owned(), usage(example), section(block, Changes::DoNot)];
    page(title, &block.description, &sections)
}

fn function_page(name: &str, signature: &Signature) -> String {
    let parameters = signature.parameters.iter().map(|parameter| format!("{} {}", parameter.name, of(&parameter.ty)));
    let further = signature.variadic.iter().map(|parameter| format!("{} {}...", parameter.name, of(&parameter.ty)));
    let call = parameters.chain(further).collect::<Vec<_>>().join(", ");
    let arguments: Vec<_> = (1..).zip(signature.parameters.iter().chain(&signature.variadic)).map(argument).collect();
    let sections = [
        usage(&example(&format!("functions/{name}/function.tf"))),
        format!("## Signature\n\n```text\n{name}({call}) {}\n```", of(&signature.returns)),
        format!("## Arguments\n\n{}", arguments.join("\n")),
    ];
    page(&Title::of(name, "Function"), &signature.description, &sections)
}

fn argument((number, parameter): (usize, &Attribute)) -> String {
    format!("{number}. `{}` ({}) {}", parameter.name, spelled(&parameter.ty), indented(&parameter.description))
}

/// A type in a signature.
fn of(ty: &Type) -> String {
    spelled(ty).to_lowercase()
}

fn usage(example: &str) -> String {
    format!("## Example Usage\n\n{example}")
}

/// What a page is called in the list of pages, and at its head.
struct Title {
    page: String,
    heading: String,
}

impl Title {
    fn of(name: &str, kind: &str) -> Title {
        Title { page: format!("{name} {kind} - {PROVIDER}"), heading: format!("{name} ({kind})") }
    }
}

/// A page with the front matter that the registries read.
fn page(title: &Title, description: &str, sections: &[String]) -> String {
    let Title { page, heading } = title;
    let first = description.split("\n\n").next().unwrap_or_default().replace('\n', " ").replace('`', "");
    let sections = sections.join("\n\n");
    format!(
        "---
# Made by `make docs` from the schema in src/ and from examples/.
page_title: \"{page}\"
subcategory: \"\"
description: |-
  {first}
---

# {heading}

{description}

{sections}
"
    )
}
