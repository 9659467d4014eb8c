//! What a managed resource is written with.

use std::fmt;

use async_trait::async_trait;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::context::Context;
use super::diagnostic::Diagnostics;
use super::model::Model;
use super::saved::{Saved, Stored};

/// An object of the resource `R`, as Terraform stores it.
pub type Object<R> = Stored<<R as Resource>::Model, <R as Resource>::Private>;

/// The slot from which an apply on the resource `R` answers.
pub type Slot<R> = Saved<<R as Resource>::Model, <R as Resource>::Private>;

/// A managed resource.
///
/// One process serves many calls at once, and a plan is made in another process than the apply that follows: what has to
/// survive belongs in the state or in `Private`.
#[async_trait]
pub trait Resource: Send + Sync + Sized + 'static {
    /// The attributes: configuration, plan and state are all of this type.
    type Model: Model;

    /// The provider's own notes on an object, stored beside its state as JSON, in clear. Absent notes are the default ones.
    type Private: Serialize + DeserializeOwned + Default + Clone + fmt::Debug + Send + Sync;

    /// What tells one object from all others: an object with its attributes can be imported by them. Its schema is of version 0;
    /// an attribute is required for an import where it is declared so.
    type Identity: Model;

    /// The resource type in HCL.
    const NAME: &'static str;

    /// The version of the state's schema.
    const VERSION: i64;

    /// Checks a configuration as far as it is known. Looks at nothing else.
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics);

    /// The object as it is now; nothing where it is gone.
    ///
    /// # Errors
    /// Why it could not be read. The stored object then stays as it is.
    async fn read(&self, object: Object<Self>, context: &mut Context) -> Result<Option<Object<Self>>, Diagnostics>;

    /// What an apply would make of the object; what only the apply can know is unknown. Asked again during the apply, from the
    /// refreshed object, and must then answer the same. An attribute declared with
    /// [`OnChange::Replace`](super::schema::OnChange::Replace) asks for replacement by itself.
    ///
    /// # Errors
    /// Why the configuration can't be applied.
    async fn plan(&self, request: PlanRequest<Self>, context: &mut Context) -> Result<Object<Self>, Diagnostics>;

    /// What the user should know before the object is destroyed.
    fn plan_destroy(&self, object: Object<Self>, context: &mut Context);

    /// Makes the object and puts it into `slot`.
    ///
    /// # Errors
    /// Why it could not be made. An object in the slot is stored all the same, marked for replacement.
    async fn create(&self, planned: Object<Self>, slot: &Slot<Self>, context: &mut Context) -> Result<(), Diagnostics>;

    /// Changes the object `prior`, which is in `slot` at first. Core does not send its notes: it has the planned ones, as `planned` has.
    ///
    /// # Errors
    /// Why it could not be changed. What is in the slot then is stored.
    async fn update(
        &self,
        prior: Object<Self>,
        planned: Object<Self>,
        slot: &Slot<Self>,
        context: &mut Context,
    ) -> Result<(), Diagnostics>;

    /// Removes the object, which is in `slot` at first. An object that is gone already is a success.
    ///
    /// # Errors
    /// Why it is still there. What is in the slot then stays stored.
    async fn delete(&self, object: Object<Self>, slot: &Slot<Self>, context: &mut Context) -> Result<(), Diagnostics>;

    /// The object that a user names. It is read right after, so it need only hold what [`read`](Resource::read) goes by.
    ///
    /// # Errors
    /// Why there is no such object, or more than one.
    async fn import(&self, by: ImportBy<Self::Identity>, context: &mut Context) -> Result<Object<Self>, Diagnostics>;

    /// The identity of the object with this state; nothing while the state does not tell.
    fn identity(state: &Self::Model) -> Option<Self::Identity>;

    /// The configuration that a person would write for the object with this state: valid as it stands, and nothing is left to do
    /// once it is applied. Attributes that no configuration can set are taken out afterwards.
    fn configuration(&self, state: Self::Model) -> Self::Model;

    /// The state in the terms of the present schema; nothing where it is in these terms already. It comes from an earlier release, or
    /// from another provider under whose name this one now runs. Called before the provider is configured.
    ///
    /// # Errors
    /// Why it can't be used.
    fn upgrade(version: i64, state: &Json) -> Result<Option<Self::Model>, Diagnostics>;

    /// The object that a `moved` block takes over from another resource type or provider. Called before the provider is configured.
    ///
    /// # Errors
    /// Why it can't be taken over.
    fn take_over(source: MoveSource<'_>) -> Result<Object<Self>, Diagnostics>;
}

/// What a user names an object by that is to be brought under management.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportBy<I> {
    /// The text given to `terraform import`, or the `id` of an `import` block.
    Id(String),
    /// The `identity` of an `import` block.
    Identity(I),
}

/// An object of another resource type.
#[derive(Debug, Clone, Copy)]
pub struct MoveSource<'a> {
    /// The address of its provider: host, namespace and name.
    pub provider: &'a str,
    /// Its resource type.
    pub type_name: &'a str,
    /// Its state, as that type stores it.
    pub state: &'a Json,
}

/// What a plan is made from.
#[derive(Debug)]
pub struct PlanRequest<R: Resource> {
    /// The object as it is; nothing where it is to be created.
    pub prior: Option<Object<R>>,
    /// The configuration. May hold unknown values.
    pub config: R::Model,
    /// Core's merge of the two: the configuration, and prior values where it sets nothing and the provider may.
    pub proposed: R::Model,
}
