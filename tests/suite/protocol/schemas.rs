//! What the provider says of itself.

use std::collections::{BTreeSet, HashMap};

use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use crate::support::core::Core;
use crate::support::core::rules::{self, RESERVED_IN_PROVIDERS, RESERVED_IN_RESOURCES};

#[test]
fn core_takes_every_schema() {
    let core = Core::without_server();
    let schemas = core.schemas();
    assert!(schemas.diagnostics.is_empty(), "{:?}", schemas.diagnostics);
    faultless("the provider", schemas.provider.as_ref(), RESERVED_IN_PROVIDERS);
    for (name, schema) in schemas.resource_schemas.iter().chain(&schemas.data_source_schemas) {
        assert!(name.starts_with("incus_"), "core finds a provider by the type's first word, and {name} names another");
        faultless(name, Some(schema), RESERVED_IN_RESOURCES);
    }
    for (name, schema) in &schemas.list_resource_schemas {
        faultless(name, Some(schema), RESERVED_IN_RESOURCES);
        assert!(
            core.identities().identity_schemas.contains_key(name),
            "objects of {name} can't be told apart in a list"
        );
    }
    for (name, action) in &schemas.action_schemas {
        assert!(name.starts_with("incus_"), "core finds a provider by the type's first word, and {name} names another");
        faultless(name, action.schema.as_ref(), RESERVED_IN_RESOURCES);
    }
    for (name, function) in &schemas.functions {
        let breaches = rules::function(function);
        assert!(breaches.is_empty(), "the declaration of {name} breaks a rule: {breaches:?}");
    }
    let identities = core.identities();
    assert!(identities.diagnostics.is_empty(), "{:?}", identities.diagnostics);
    for (name, schema) in &identities.identity_schemas {
        assert!(schemas.resource_schemas.contains_key(name), "there is no resource {name} to have an identity");
        let breaches = rules::identity_schema(schema);
        assert!(breaches.is_empty(), "the identity schema of {name} breaks a rule: {breaches:?}");
    }
}

#[track_caller]
fn faultless(name: &str, schema: Option<&proto::Schema>, reserved: &[&str]) {
    let breaches: Vec<_> = rules::schema(schema, reserved).iter().map(ToString::to_string).collect();
    assert!(breaches.is_empty(), "the schema of {name} breaks a rule\n{}", breaches.join("\n"));
}

#[test]
fn a_schema_need_not_be_asked_for_in_every_process() {
    let core = Core::without_server();
    let capabilities = core.schemas().server_capabilities.unwrap();
    assert!(capabilities.get_provider_schema_optional);
}

#[test]
fn what_the_provider_does_not_have_is_empty() {
    let core = Core::without_server();
    assert!(core.schemas().ephemeral_resource_schemas.is_empty());
}

#[test]
fn functions_and_metadata_are_those_of_the_schema() {
    let core = Core::without_server();
    let schemas = core.schemas();
    let functions = core.ask(core.provider().get_functions(proto::get_functions::Request {}));
    assert_eq!(functions.functions, schemas.functions);
    assert_eq!(functions.diagnostics, []);

    let metadata = core.ask(core.provider().get_metadata(proto::get_metadata::Request {}));
    assert_eq!(metadata.server_capabilities, schemas.server_capabilities);
    names(&schemas.resource_schemas, metadata.resources.into_iter().map(|entry| entry.type_name));
    names(&schemas.data_source_schemas, metadata.data_sources.into_iter().map(|entry| entry.type_name));
    names(&schemas.list_resource_schemas, metadata.list_resources.into_iter().map(|entry| entry.type_name));
    names(&schemas.action_schemas, metadata.actions.into_iter().map(|entry| entry.type_name));
    names(&schemas.functions, metadata.functions.into_iter().map(|entry| entry.name));
}

#[track_caller]
fn names<T>(declared: &HashMap<String, T>, named: impl Iterator<Item = String>) {
    assert_eq!(named.collect::<BTreeSet<_>>(), declared.keys().cloned().collect());
}
