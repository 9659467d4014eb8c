//! A provider made for the tests: books that can be listed, read and joined. What it is asked for says how it is to behave.

use std::ops::ControlFlow;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::sync::Notify;

use crate::model;
use crate::tfplugin::action::{Action, Progress};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::erased::{AnyAction, AnyDataSource, AnyFunction, AnyListResource, AnyResource};
use crate::tfplugin::function::Function;
use crate::tfplugin::list_resource::{ListResource, Listing};
use crate::tfplugin::path::{Path, Step};
use crate::tfplugin::provider::{Provider, action, function, list_resource, resource};
use crate::tfplugin::resource::{ImportBy, MoveSource, Object, PlanRequest, Resource, Slot};
use crate::tfplugin::schema::Usage::{Optional, Required};

model! {
    /// A book.
    pub(crate) struct Book {
        /// Its title.
        title: String = Required,
    }
}

model! {
    /// What a library does.
    pub(crate) struct Order {
        /// Which way.
        how: String = Required,
    }
}

model! {
    /// Titles.
    pub(crate) struct Titles {
        /// The first.
        first: String = Required,
        /// All others.
        others: Vec<String> = Optional,
    }
}

/// A provider of books. What never ends by itself says so when it began, and when it was told to stop.
#[derive(Debug, Default, Clone)]
pub(super) struct Library {
    pub(super) began: Arc<Notify>,
    pub(super) ended: Arc<Notify>,
}

/// Says that work has ended when that is dropped.
struct Ends(Arc<Notify>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[async_trait]
impl Provider for Library {
    type Config = Book;

    fn validate(&self, _: &Book, _: &mut Diagnostics) {}

    async fn configure(&self, _: Book, _: &mut Context) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn resources(&self) -> Vec<Box<dyn AnyResource>> {
        vec![resource(Books)]
    }

    fn data_sources(&self) -> Vec<Box<dyn AnyDataSource>> {
        Vec::new()
    }

    fn list_resources(&self) -> Vec<Box<dyn AnyListResource>> {
        vec![list_resource(self.clone())]
    }

    fn actions(&self) -> Vec<Box<dyn AnyAction>> {
        vec![action(self.clone())]
    }

    fn functions(&self) -> Vec<Box<dyn AnyFunction>> {
        vec![function(Join)]
    }
}

#[async_trait]
impl ListResource for Library {
    type Model = Order;
    type Resource = Books;

    fn validate(&self, config: &Order, diagnostics: &mut Diagnostics) {
        refuse(config, diagnostics);
    }

    async fn list(&self, config: Order, found: &mut Listing<Books>, context: &mut Context) -> Result<(), Diagnostics> {
        let _ends = Ends(Arc::clone(&self.ended));
        match config.how.known().map_or("", String::as_str) {
            "panic" => std::panic::panic_any("the shelf fell"),
            "hang" => {
                self.began.notify_one();
                std::future::pending().await
            }
            "endless" => loop {
                self.began.notify_one();
                if found.push("again".to_owned(), &Book { title: "again".into() }).await? == ControlFlow::Break(()) {
                    return Ok(());
                }
            },
            "nameless" => {
                let _ = found.push("nameless".to_owned(), &Book::default()).await?;
                Ok(())
            }
            _ => {
                context.warn(Diagnostic::warning("Dust", "Everywhere."));
                let _ = found.push("one".to_owned(), &Book { title: "one".into() }).await?;
                Err(Diagnostic::error("Unable to go on", "It is dark.").into())
            }
        }
    }
}

#[async_trait]
impl Action for Library {
    type Model = Order;

    const NAME: &'static str = "library_read";

    fn validate(&self, config: &Order, diagnostics: &mut Diagnostics) {
        refuse(config, diagnostics);
    }

    async fn invoke(&self, config: Order, progress: &Progress, context: &mut Context) -> Result<(), Diagnostics> {
        let _ends = Ends(Arc::clone(&self.ended));
        progress.tell("Opened").await;
        match config.how.known().map_or("", String::as_str) {
            "panic" => std::panic::panic_any("the shelf fell"),
            "hang" => {
                self.began.notify_one();
                context.stop.cancelled().await;
                Err(Diagnostic::error("Unable to read on", "Closed.").into())
            }
            _ => {
                progress.tell("Half-way").await;
                context.warn(Diagnostic::warning("Dust", "Everywhere."));
                Ok(())
            }
        }
    }
}

fn refuse(config: &Order, diagnostics: &mut Diagnostics) {
    if config.how.is("wrong") {
        diagnostics.push(Diagnostic::error("Invalid argument", "Not so.").at(Path::attribute("how")));
    }
}

pub(super) struct Join;

#[async_trait]
impl Function for Join {
    type Arguments = Titles;
    type Output = String;

    const NAME: &'static str = "join";

    const SUMMARY: &'static str = "All of it";

    async fn call(&self, titles: Titles) -> Result<String, Diagnostic> {
        let wrong = |path| Err(Diagnostic::error("Unable to join", "It is torn.").at(path));
        let (Attr::Known(first), Attr::Known(others)) = (titles.first, titles.others) else {
            return wrong(Path::root());
        };
        match (0..).zip(&others).find(|(_, other)| *other == "torn") {
            _ if first == "panic" => std::panic::panic_any("the shelf fell"),
            _ if first == "torn" => wrong(Path::attribute("first")),
            _ if first == "all" => wrong(Path::root()),
            Some((torn, _)) => wrong(Path::attribute("others").then(Step::Index(torn))),
            None => Ok([vec![first], others].concat().join(" ")),
        }
    }
}

/// A resource that is only listed.
pub(super) struct Books;

#[async_trait]
impl Resource for Books {
    type Model = Book;
    type Private = ();
    type Identity = Book;

    const NAME: &'static str = "library_book";
    const VERSION: i64 = 0;

    fn validate(&self, _: &Book, _: &mut Diagnostics) {}

    async fn read(&self, object: Object<Self>, _: &mut Context) -> Result<Option<Object<Self>>, Diagnostics> {
        Ok(Some(object))
    }

    async fn plan(&self, _: PlanRequest<Self>, _: &mut Context) -> Result<Object<Self>, Diagnostics> {
        Err(Diagnostics::default())
    }

    fn plan_destroy(&self, _: Object<Self>, _: &mut Context) {}

    async fn create(&self, _: Object<Self>, _: &Slot<Self>, _: &mut Context) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn update(
        &self,
        _: Object<Self>,
        _: Object<Self>,
        _: &Slot<Self>,
        _: &mut Context,
    ) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn delete(&self, _: Object<Self>, _: &Slot<Self>, _: &mut Context) -> Result<(), Diagnostics> {
        Ok(())
    }

    async fn import(&self, _: ImportBy<Book>, _: &mut Context) -> Result<Object<Self>, Diagnostics> {
        Err(Diagnostics::default())
    }

    fn identity(state: &Book) -> Option<Book> {
        (state.title != Attr::Null).then(|| state.clone())
    }

    fn configuration(&self, state: Book) -> Book {
        state
    }

    fn upgrade(_: i64, _: &Json) -> Result<Option<Book>, Diagnostics> {
        Ok(None)
    }

    fn take_over(_: MoveSource<'_>) -> Result<Object<Self>, Diagnostics> {
        Err(Diagnostics::default())
    }
}
