//! Resources, data sources and whatever else a provider has, without their types, as the wire needs them: untyped values in,
//! untyped values out. Here the rules stand that hold for each of them: a panic is an error, what was saved is answered, other
//! truth is said.

mod actions;
mod functions;
mod list_resources;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::Value as Json;

use super::consistency::differences;
use super::context::Context;
use super::data_source::DataSource;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::model::Model;
use super::path::Path;
use super::process::panic::message;
use super::resource::{ImportBy, MoveSource, Object, PlanRequest, Resource, Slot};
use super::saved::{Saved, Stored};
use super::schema::{OnChange, Schema, Usage};
use super::typed::{Mismatch, Typed};
use super::value::Value;

pub use self::actions::AnyAction;
pub use self::functions::AnyFunction;
pub use self::list_resources::AnyListResource;

/// An object in wire terms: its attributes, and the provider's notes as JSON (empty for none).
pub type RawObject = Stored<Value, Vec<u8>>;

/// What an apply does.
#[derive(Debug)]
pub enum Change {
    /// Make the planned object.
    Create(RawObject),
    /// Turn the first object into the second.
    Update(RawObject, RawObject),
    /// Remove the object.
    Delete(RawObject),
}

/// A resource behind a trait object.
#[async_trait]
pub trait AnyResource: Send + Sync {
    /// See [`Resource::NAME`].
    fn name(&self) -> &'static str;
    /// The schema of [`Resource::Model`].
    fn schema(&self) -> Schema;
    /// See [`Resource::validate`].
    fn validate(&self, config: Value) -> Diagnostics;
    /// See [`Resource::read`].
    async fn read(&self, object: RawObject, context: &mut Context) -> Result<Option<RawObject>, Diagnostics>;
    /// See [`Resource::plan`].
    async fn plan(
        &self,
        prior: Option<RawObject>,
        config: Value,
        proposed: Value,
        context: &mut Context,
    ) -> Result<(RawObject, Vec<Path>), Diagnostics>;
    /// See [`Resource::plan_destroy`].
    fn plan_destroy(&self, object: RawObject, context: &mut Context) -> Result<(), Diagnostics>;
    /// See [`Resource::create`], [`Resource::update`] and [`Resource::delete`]. The object is what exists afterwards, also
    /// beside an error.
    async fn apply(&self, change: Change, context: &mut Context) -> (Option<RawObject>, Diagnostics);
    /// See [`Resource::import`].
    async fn import(&self, by: ImportBy<Value>, context: &mut Context) -> Result<RawObject, Diagnostics>;
    /// The schema of [`Resource::Identity`].
    fn identity_schema(&self) -> Schema;
    /// See [`Resource::identity`].
    fn identity(&self, state: &Value) -> Option<Value>;
    /// See [`Resource::configuration`]. What only the provider can set is null in it.
    fn configuration(&self, state: Value) -> Result<Value, Diagnostics>;
    /// See [`Resource::upgrade`].
    fn upgrade(&self, version: i64, state: &Json) -> Result<Option<Value>, Diagnostics>;
    /// See [`Resource::take_over`].
    fn take_over(&self, source: MoveSource<'_>) -> Result<RawObject, Diagnostics>;
}

/// A data source behind a trait object.
#[async_trait]
pub trait AnyDataSource: Send + Sync {
    /// See [`DataSource::NAME`].
    fn name(&self) -> &'static str;
    /// The schema of [`DataSource::Model`].
    fn schema(&self) -> Schema;
    /// See [`DataSource::validate`].
    fn validate(&self, config: Value) -> Diagnostics;
    /// See [`DataSource::read`].
    async fn read(&self, config: Value, context: &mut Context) -> Result<Value, Diagnostics>;
}

/// What a provider has, with types that are to be forgotten.
#[derive(Debug)]
pub(super) struct Erased<T>(pub(super) T);

#[async_trait]
impl<R: Resource> AnyResource for Erased<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn schema(&self) -> Schema {
        Schema { version: R::VERSION, block: R::Model::block() }
    }

    fn validate(&self, config: Value) -> Diagnostics {
        validate(config, |config, diagnostics| self.0.validate(config, diagnostics))
    }

    async fn read(&self, object: RawObject, context: &mut Context) -> Result<Option<RawObject>, Diagnostics> {
        let object = typed::<R>(object)?;
        let read = surviving(self.0.read(object, context)).await?;
        Ok(read.as_ref().map(raw::<R>).transpose()?)
    }

    async fn plan(
        &self,
        prior: Option<RawObject>,
        config: Value,
        proposed: Value,
        context: &mut Context,
    ) -> Result<(RawObject, Vec<Path>), Diagnostics> {
        let before = prior.as_ref().map(|prior| prior.state.clone());
        let request = PlanRequest {
            prior: prior.map(typed::<R>).transpose()?,
            config: model(config)?,
            proposed: model(proposed)?,
        };
        let planned = raw::<R>(&surviving(self.0.plan(request, context)).await?)?;
        let replace = before.map(|before| replaced::<R>(&before, &planned.state)).unwrap_or_default();
        Ok((planned, replace))
    }

    fn plan_destroy(&self, object: RawObject, context: &mut Context) -> Result<(), Diagnostics> {
        let object = typed::<R>(object)?;
        guarded(|| {
            self.0.plan_destroy(object, context);
            Ok(())
        })
    }

    async fn apply(&self, change: Change, context: &mut Context) -> (Option<RawObject>, Diagnostics) {
        let (before, planned) = match &change {
            Change::Create(planned) => (None, Some(planned.state.clone())),
            Change::Update(prior, planned) => (Some(prior.clone()), Some(planned.state.clone())),
            Change::Delete(prior) => (Some(prior.clone()), None),
        };
        let slot: Slot<R> = match before.clone().map(typed::<R>).transpose() {
            Ok(prior) => Saved::new(prior),
            Err(error) => return (before, error.into()),
        };
        let outcome = surviving(self.carry_out(change, &slot, context)).await;
        let after = match slot.get().as_ref().map(raw::<R>).transpose() {
            Ok(after) => after,
            Err(error) => return (before, error.into()),
        };
        let mut diagnostics = std::mem::take(&mut context.warnings);
        match (outcome, planned, &after) {
            (Err(errors), _, _) => diagnostics.extend(errors),
            (Ok(()), Some(planned), Some(after)) => diagnostics.extend(other_truth(&planned, &after.state)),
            (Ok(()), _, _) => {}
        }
        (after, diagnostics)
    }

    async fn import(&self, by: ImportBy<Value>, context: &mut Context) -> Result<RawObject, Diagnostics> {
        let by = match by {
            ImportBy::Id(id) => ImportBy::Id(id),
            ImportBy::Identity(identity) => ImportBy::Identity(model(identity)?),
        };
        Ok(raw::<R>(&surviving(self.0.import(by, context)).await?)?)
    }

    fn identity_schema(&self) -> Schema {
        Schema { version: 0, block: R::Identity::block() }
    }

    fn identity(&self, state: &Value) -> Option<Value> {
        let identity: Result<_, Diagnostic> = guarded(|| Ok(R::identity(&model(state.clone())?)));
        identity.ok().flatten().map(|identity| identity.to_value())
    }

    fn configuration(&self, state: Value) -> Result<Value, Diagnostics> {
        let mut configuration = guarded(|| Ok::<_, Diagnostics>(self.0.configuration(model(state)?)))?.to_value();
        if let Value::Map(attributes) = &mut configuration {
            for computed in R::Model::block().attributes.iter().filter(|declared| declared.usage == Usage::Computed) {
                attributes.insert(computed.name.to_owned(), Value::Null);
            }
        }
        Ok(configuration)
    }

    fn upgrade(&self, version: i64, state: &Json) -> Result<Option<Value>, Diagnostics> {
        Ok(guarded(|| R::upgrade(version, state))?.map(|state| state.to_value()))
    }

    fn take_over(&self, source: MoveSource<'_>) -> Result<RawObject, Diagnostics> {
        Ok(raw::<R>(&guarded(|| R::take_over(source))?)?)
    }
}

impl<R: Resource> Erased<R> {
    async fn carry_out(&self, change: Change, slot: &Slot<R>, context: &mut Context) -> Result<(), Diagnostics> {
        match change {
            Change::Create(planned) => self.0.create(typed::<R>(planned)?, slot, context).await,
            Change::Update(prior, planned) => {
                self.0.update(typed::<R>(prior)?, typed::<R>(planned)?, slot, context).await
            }
            Change::Delete(prior) => {
                self.0.delete(typed::<R>(prior)?, slot, context).await?;
                slot.clear();
                Ok(())
            }
        }
    }
}

#[async_trait]
impl<D: DataSource> AnyDataSource for Erased<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn schema(&self) -> Schema {
        Schema { version: 0, block: D::Model::block() }
    }

    fn validate(&self, config: Value) -> Diagnostics {
        validate(config, |config, diagnostics| self.0.validate(config, diagnostics))
    }

    async fn read(&self, config: Value, context: &mut Context) -> Result<Value, Diagnostics> {
        Ok(surviving(self.0.read(model(config)?, context)).await?.to_value())
    }
}

/// Decodes `config` and has `check` look at it.
pub(super) fn validate<M: Model>(config: Value, check: impl FnOnce(&M, &mut Diagnostics)) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.extend(configured_results::<M>(&config));
    match model(config) {
        Ok(config) => {
            let checked: Result<(), Diagnostic> = guarded(|| {
                check(&config, &mut diagnostics);
                Ok(())
            });
            diagnostics.extend(checked.err());
            diagnostics
        }
        Err(error) => error.into(),
    }
}

/// An error for each attribute that is configured although only the provider sets it: core leaves that to us.
fn configured_results<M: Model>(config: &Value) -> Vec<Diagnostic> {
    let Value::Map(config) = config else { return Vec::new() };
    let results = M::block().attributes.iter().filter(|attribute| attribute.usage == Usage::Computed);
    let configured = results.filter(|result| config.get(result.name).is_some_and(|value| *value != Value::Null));
    configured
        .map(|result| {
            let detail = format!("`{}` can't be set: it says what the server holds. Take it out.", result.name);
            Diagnostic::error("Invalid argument", detail).at(Path::attribute(result.name))
        })
        .collect()
}

/// Reads a value of the schema's type into the model of the same declaration.
pub(super) fn model<M: Model>(value: Value) -> Result<M, Diagnostic> {
    M::from_value(value).map_err(|Mismatch { path, expected, found }| {
        Diagnostic::error("Unable to read a value", format!("{path} is {found}, where {expected} must stand.")).at(path)
    })
}

/// Waits for `work`; a panic in it becomes an error, so that the request is answered all the same.
pub(super) async fn surviving<T, E: From<Diagnostic>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Err(panicked(panic.as_ref()).into()))
}

/// The same for work that waits for nothing.
fn guarded<T, E: From<Diagnostic>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(panicked(panic.as_ref()).into()))
}

fn panicked(panic: &(dyn Any + Send)) -> Diagnostic {
    let detail = format!(
        "The provider panicked: {}. This is a bug: please report it, with the log that TF_LOG=trace writes.",
        message(panic)
    );
    Diagnostic::error("The provider failed unexpectedly", detail)
}

fn typed<R: Resource>(object: RawObject) -> Result<Object<R>, Diagnostic> {
    let private: Option<R::Private> = match object.private.as_slice() {
        [] => None,
        // Providers on the old Go SDK, from which a state may come, write null.
        json => serde_json::from_slice(json).map_err(|error| {
            Diagnostic::error(
                "Unable to read the provider's notes on a resource",
                format!("The state holds bad ones: {error}."),
            )
        })?,
    };
    Ok(Stored { state: model(object.state)?, private: private.unwrap_or_default() })
}

fn raw<R: Resource>(object: &Object<R>) -> Result<RawObject, Diagnostic> {
    let private = serde_json::to_vec(&object.private)
        .map_err(|error| Diagnostic::error("Unable to store the provider's notes on a resource", error.to_string()))?;
    Ok(Stored { state: object.state.to_value(), private })
}

/// The attributes that ask for replacement and whose planned value differs from a stored one.
fn replaced<R: Resource>(prior: &Value, planned: &Value) -> Vec<Path> {
    let (Value::Map(prior), Value::Map(planned)) = (prior, planned) else { return Vec::new() };
    let changed = R::Model::block().attributes.iter().filter(|attribute| {
        let before = prior.get(attribute.name).filter(|value| **value != Value::Null);
        attribute.on_change == OnChange::Replace && before.is_some() && before != planned.get(attribute.name)
    });
    changed.map(|attribute| Path::attribute(attribute.name)).collect()
}

/// An error for each place where the server holds something else than was planned.
fn other_truth(planned: &Value, applied: &Value) -> Vec<Diagnostic> {
    let report = |path: Path| {
        let detail = format!(
            "After the apply, the server holds another value of {path} than the plan says. Something else may have \
             changed it at the same time. The state holds the server's value: plan again."
        );
        Diagnostic::error("The result differs from the plan", detail).at(path)
    };
    differences(planned, applied).into_iter().map(report).collect()
}
