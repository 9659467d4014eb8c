//! What the provider says of itself.

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
    let schemas = core.schemas();
    assert!(schemas.functions.is_empty() && schemas.ephemeral_resource_schemas.is_empty());
    assert!(schemas.list_resource_schemas.is_empty() && schemas.action_schemas.is_empty());
    let functions = core.ask(core.provider().get_functions(proto::get_functions::Request {}));
    assert!(functions.functions.is_empty() && functions.diagnostics.is_empty());
}
