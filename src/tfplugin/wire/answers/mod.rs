//! The answers to the RPCs: messages in, messages out. How they travel is the service's business.

mod data_sources;
mod imports;
mod resources;
mod upgrades;

use std::collections::HashMap;
use std::sync::OnceLock;

use super::convert::{diagnostics, identity_schema, schema, schemas, value};
use super::proto::tfplugin5 as proto;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::erased::{AnyDataSource, AnyResource, model, surviving, validate};
use crate::tfplugin::model::Model;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::schema::Schema;
use crate::tfplugin::typed::Typed;
use crate::tfplugin::types::Type;
use crate::tfplugin::value::Value;

/// A provider and what it serves, by type name.
pub(super) struct Answers<P> {
    provider: P,
    resources: HashMap<&'static str, Served<dyn AnyResource>>,
    data_sources: HashMap<&'static str, Served<dyn AnyDataSource>>,
}

/// A resource or data source, and its type, which is made when first needed and used in every request.
struct Served<T: ?Sized> {
    ty: OnceLock<Type>,
    served: Box<T>,
}

impl<T: ?Sized> Served<T> {
    fn new(served: Box<T>) -> Self {
        Served { ty: OnceLock::new(), served }
    }
}

impl Served<dyn AnyResource> {
    fn value(&self, message: Option<proto::DynamicValue>) -> Result<Value, Diagnostic> {
        Ok(value(message, self.ty.get_or_init(|| self.served.schema().block.ty()))?)
    }
}

impl Served<dyn AnyDataSource> {
    fn value(&self, message: Option<proto::DynamicValue>) -> Result<Value, Diagnostic> {
        Ok(value(message, self.ty.get_or_init(|| self.served.schema().block.ty()))?)
    }
}

impl<P: Provider> Answers<P> {
    pub(super) fn new(provider: P) -> Self {
        let resources = provider.resources().into_iter().map(|resource| (resource.name(), Served::new(resource)));
        let data_sources = provider.data_sources().into_iter().map(|source| (source.name(), Served::new(source)));
        Answers { resources: resources.collect(), data_sources: data_sources.collect(), provider }
    }

    pub(super) fn schema(&self) -> proto::get_provider_schema::Response {
        proto::get_provider_schema::Response {
            provider: Some(schema(Schema { version: 0, block: P::Config::block() })),
            resource_schemas: schemas(self.resources.iter().map(|(name, entry)| (*name, entry.served.schema()))),
            data_source_schemas: schemas(self.data_sources.iter().map(|(name, entry)| (*name, entry.served.schema()))),
            server_capabilities: Some(proto::ServerCapabilities {
                plan_destroy: true,
                get_provider_schema_optional: true,
                move_resource_state: true,
                generate_resource_config: true,
            }),
            ..Default::default()
        }
    }

    pub(super) fn identity_schemas(&self) -> proto::get_resource_identity_schemas::Response {
        let declared = |entry: &Served<dyn AnyResource>| identity_schema(entry.served.identity_schema());
        proto::get_resource_identity_schemas::Response {
            identity_schemas: self
                .resources
                .iter()
                .map(|(name, entry)| ((*name).to_owned(), declared(entry)))
                .collect(),
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn prepare_provider_config(
        &self,
        request: proto::prepare_provider_config::Request,
    ) -> proto::prepare_provider_config::Response {
        let prepared_config = request.config.clone();
        let found = match value(request.config, &P::Config::ty()) {
            Ok(config) => validate(config, |config, diagnostics| self.provider.validate(config, diagnostics)),
            Err(error) => Diagnostic::from(error).into(),
        };
        proto::prepare_provider_config::Response { prepared_config, diagnostics: diagnostics(found) }
    }

    pub(super) async fn configure(
        &self,
        request: proto::configure::Request,
        mut context: Context,
    ) -> proto::configure::Response {
        let configured = surviving(async {
            let config = value(request.config, &P::Config::ty()).map_err(Diagnostic::from)?;
            self.provider.configure(model(config)?, &mut context).await
        });
        let (_, diagnostics) = settle(configured.await, &mut context);
        proto::configure::Response { diagnostics }
    }
}

/// The success, if it is one, and all that is to be told.
fn settle<T>(outcome: Result<T, Diagnostics>, context: &mut Context) -> (Option<T>, Vec<proto::Diagnostic>) {
    let mut told = std::mem::take(&mut context.warnings);
    let success = match outcome {
        Ok(success) => Some(success),
        Err(errors) => {
            told.extend(errors);
            None
        }
    };
    (success, diagnostics(told))
}

/// What Terraform is told when it names a type that is not in the schema.
fn unknown_type(kind: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(format!("Unknown {kind}"), format!("This provider has no {kind} {type_name:?}."))
}
