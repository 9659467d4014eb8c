//! The answers to the RPCs: messages in, messages out. How they travel is the service's business.

mod actions;
mod data_sources;
mod functions;
mod imports;
mod list_resources;
mod resources;
mod schemas;
mod upgrades;

pub(super) use self::actions::action_event;
pub(super) use self::list_resources::list_event;

use std::collections::HashMap;
use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

use super::convert::{diagnostics, value};
use super::proto::tfplugin5 as proto;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::erased::{
    AnyAction, AnyDataSource, AnyFunction, AnyListResource, AnyResource, model, surviving, validate,
};
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
    list_resources: HashMap<&'static str, Served<dyn AnyListResource>>,
    actions: HashMap<&'static str, Served<dyn AnyAction>>,
    functions: HashMap<&'static str, Box<dyn AnyFunction>>,
}

/// What a provider has under one name, and its type, which is made when first needed and used in every request.
struct Served<T: ?Sized> {
    ty: OnceLock<Type>,
    declared: fn(&T) -> Schema,
    served: Box<T>,
}

impl<T: ?Sized> Served<T> {
    fn schema(&self) -> Schema {
        (self.declared)(&self.served)
    }

    fn ty(&self) -> &Type {
        self.ty.get_or_init(|| self.schema().block.ty())
    }

    fn value(&self, message: Option<proto::DynamicValue>) -> Result<Value, Diagnostic> {
        Ok(value(message, self.ty())?)
    }
}

/// Puts each thing that a provider has under its name.
fn by_name<T: ?Sized>(
    all: Vec<Box<T>>,
    name: fn(&T) -> &'static str,
    declared: fn(&T) -> Schema,
) -> HashMap<&'static str, Served<T>> {
    let entry = |served: Box<T>| (name(&served), Served { ty: OnceLock::new(), declared, served });
    all.into_iter().map(entry).collect()
}

impl<P: Provider> Answers<P> {
    pub(super) fn new(provider: P) -> Self {
        let functions = provider.functions().into_iter().map(|function| (function.name(), function));
        Answers {
            resources: by_name(provider.resources(), AnyResource::name, AnyResource::schema),
            data_sources: by_name(provider.data_sources(), AnyDataSource::name, AnyDataSource::schema),
            list_resources: by_name(provider.list_resources(), AnyListResource::name, AnyListResource::schema),
            actions: by_name(provider.actions(), AnyAction::name, AnyAction::schema),
            functions: functions.collect(),
            provider,
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

fn find<'a, T: ?Sized>(
    all: &'a HashMap<&'static str, Served<T>>,
    kind: &str,
    type_name: &str,
) -> Result<&'a Served<T>, Diagnostics> {
    all.get(type_name).ok_or_else(|| unknown_type(kind, type_name).into())
}

/// What is wrong with a configuration of what was found.
fn validated<T: ?Sized>(
    found: Result<&Served<T>, Diagnostics>,
    config: Option<proto::DynamicValue>,
    validate: fn(&T, Value) -> Diagnostics,
) -> Vec<proto::Diagnostic> {
    let validated = found.and_then(|entry| Ok(validate(&entry.served, entry.value(config)?)));
    let (Ok(told) | Err(told)) = validated;
    diagnostics(told)
}

/// Waits for work that changes nothing. It may end anywhere, and does when the user stops the run.
async fn unless_stopped<T, E: From<Diagnostic>>(
    stop: CancellationToken,
    what: &str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    tokio::select! {
        outcome = work => outcome,
        () = stop.cancelled() => Err(Diagnostic::error(format!("Unable to {what}"), "The run was stopped.").into()),
    }
}

/// What Terraform is told when it names a type that is not in the schema.
fn unknown_type(kind: &str, type_name: &str) -> Diagnostic {
    Diagnostic::error(format!("Unknown {kind}"), format!("This provider has no {kind} {type_name:?}."))
}
