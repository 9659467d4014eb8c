//! What a list resource is written with: the objects of a resource that exist, for `terraform query`.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::context::Context;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::model::Model;
use super::resource::Resource;
use super::typed::Typed;
use super::value::Value;

/// A list resource. In HCL it is called like the resource whose objects it finds.
#[async_trait]
pub trait ListResource: Send + Sync + Sized + 'static {
    /// The arguments, which say what is sought.
    type Model: Model;

    /// The resource whose objects are found.
    type Resource: Resource;

    /// Checks a configuration as far as it is known. Looks at nothing else.
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics);

    /// Pushes what there is into `found`, in the same order every time, until that breaks off. Dropped where it stands when the
    /// user stops the run.
    ///
    /// # Errors
    /// Why there is no list, or no more of it. What was pushed before is listed all the same.
    async fn list(
        &self,
        config: Self::Model,
        found: &mut Listing<Self::Resource>,
        context: &mut Context,
    ) -> Result<(), Diagnostics>;
}

/// What Terraform wants of a list.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// At most so many objects.
    pub limit: usize,
    /// What of each.
    pub detail: Detail,
}

/// What of an object is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What tells it from others.
    Identity,
    /// Its state too.
    Object,
}

/// What a listing has come to.
#[derive(Debug)]
pub enum ListEvent {
    /// An object.
    Found {
        /// What Terraform calls it when it shows the list.
        display_name: String,
        /// Its identity.
        identity: Value,
        /// Its state, where that is wanted.
        object: Option<Value>,
    },
    /// What is to be told besides.
    Told(Diagnostics),
}

/// Where a list resource puts the objects that it finds.
#[derive(Debug)]
pub struct Listing<R> {
    events: mpsc::Sender<ListEvent>,
    left: usize,
    detail: Detail,
    resource: PhantomData<fn() -> R>,
}

impl<R: Resource> Listing<R> {
    pub(super) fn new(events: mpsc::Sender<ListEvent>, wanted: Wanted) -> Self {
        Listing { events, left: wanted.limit, detail: wanted.detail, resource: PhantomData }
    }

    /// Lists the object with this state, and waits while Terraform has no room for it. Breaks off once no more is wanted.
    ///
    /// # Errors
    /// Where the state does not tell which object it is.
    pub async fn push(&mut self, display_name: String, state: &R::Model) -> Result<ControlFlow<()>, Diagnostic> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(ControlFlow::Break(())) };
        let identity = R::identity(state).ok_or_else(|| {
            let detail = format!("{display_name} has no identity. This is a bug in the provider: please report it.");
            Diagnostic::error("Unable to list an object", detail)
        })?;
        let object = match self.detail {
            Detail::Identity => None,
            Detail::Object => Some(state.to_value()),
        };
        let event = ListEvent::Found { display_name, identity: identity.to_value(), object };
        let is_taken = self.events.send(event).await.is_ok();
        self.left = left;
        Ok(if is_taken && left > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    }
}
