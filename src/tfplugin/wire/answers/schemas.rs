//! The RPCs that say what the provider has.

use std::collections::HashMap;

use super::{Answers, Served};
use crate::tfplugin::erased::AnyResource;
use crate::tfplugin::model::Model;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::schema::Schema;
use crate::tfplugin::wire::convert::{function, identity_schema, schema};
use crate::tfplugin::wire::proto::tfplugin5 as proto;

const CAPABILITIES: proto::ServerCapabilities = proto::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

impl<P: Provider> Answers<P> {
    pub(in crate::tfplugin::wire) fn schema(&self) -> proto::get_provider_schema::Response {
        proto::get_provider_schema::Response {
            provider: Some(schema(Schema { version: 0, block: P::Config::block() })),
            resource_schemas: named(&self.resources, |entry| schema(entry.schema())),
            data_source_schemas: named(&self.data_sources, |entry| schema(entry.schema())),
            list_resource_schemas: named(&self.list_resources, |entry| schema(entry.schema())),
            action_schemas: named(&self.actions, |entry| proto::ActionSchema { schema: Some(schema(entry.schema())) }),
            functions: self.function_signatures(),
            server_capabilities: Some(CAPABILITIES),
            ..Default::default()
        }
    }

    pub(in crate::tfplugin::wire) fn identity_schemas(&self) -> proto::get_resource_identity_schemas::Response {
        let declared = |entry: &Served<dyn AnyResource>| identity_schema(entry.served.identity_schema());
        proto::get_resource_identity_schemas::Response {
            identity_schemas: named(&self.resources, declared),
            diagnostics: Vec::new(),
        }
    }

    pub(in crate::tfplugin::wire) fn functions(&self) -> proto::get_functions::Response {
        proto::get_functions::Response { functions: self.function_signatures(), diagnostics: Vec::new() }
    }

    fn function_signatures(&self) -> HashMap<String, proto::Function> {
        named(&self.functions, |served| function(served.signature()))
    }

    pub(in crate::tfplugin::wire) fn metadata(&self) -> proto::get_metadata::Response {
        use proto::get_metadata::{
            ActionMetadata, DataSourceMetadata, FunctionMetadata, ListResourceMetadata, ResourceMetadata,
        };
        proto::get_metadata::Response {
            server_capabilities: Some(CAPABILITIES),
            resources: names(&self.resources, |type_name| ResourceMetadata { type_name }),
            data_sources: names(&self.data_sources, |type_name| DataSourceMetadata { type_name }),
            list_resources: names(&self.list_resources, |type_name| ListResourceMetadata { type_name }),
            actions: names(&self.actions, |type_name| ActionMetadata { type_name }),
            functions: names(&self.functions, |name| FunctionMetadata { name }),
            ..Default::default()
        }
    }
}

fn named<T, M>(entries: &HashMap<&'static str, T>, message: impl Fn(&T) -> M) -> HashMap<String, M> {
    entries.iter().map(|(name, entry)| ((*name).to_owned(), message(entry))).collect()
}

fn names<T, M>(entries: &HashMap<&'static str, T>, message: impl Fn(String) -> M) -> Vec<M> {
    entries.keys().map(|name| message((*name).to_owned())).collect()
}
