//! The pages: the index, and one for everything that the provider serves.

use terraform_provider_incus::provider::IncusProvider;
use terraform_provider_incus::tfplugin::erased::{AnyDataSource, AnyResource};
use terraform_provider_incus::tfplugin::model::Model;
use terraform_provider_incus::tfplugin::provider::Provider;

use super::Pages;
use super::examples::{example, imports};
use super::schema::{Changes, content, section};

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
    page(&title, &block.description, &[usage, section(&block, Changes::DoNot)])
}

fn resource_page(resource: &dyn AnyResource) -> String {
    let (name, block) = (resource.name(), resource.schema().block);
    let folder = format!("resources/{name}");
    let mut sections = vec![usage(&example(&format!("{folder}/resource.tf"))), section(&block, Changes::Matter)];
    let imports = imports(&folder);
    if !imports.is_empty() {
        sections.push(format!("## Import\n\n{}", imports.join("\n\n")));
        let identity = resource.identity_schema().block;
        let mut parts = vec![format!("### Identity Schema\n\n{}", identity.description)];
        parts.extend(content(&identity, Changes::DoNot, "####"));
        sections.push(parts.join("\n\n"));
    }
    page(&Title::of(name, "Resource"), &block.description, &sections)
}

fn data_source_page(data_source: &dyn AnyDataSource) -> String {
    let (name, block) = (data_source.name(), data_source.schema().block);
    let usage = usage(&example(&format!("data-sources/{name}/data-source.tf")));
    page(&Title::of(name, "Data Source"), &block.description, &[usage, section(&block, Changes::DoNot)])
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
