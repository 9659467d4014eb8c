//! Lists: streamed, up to a limit, and each object of a list can be imported by what the list says of it.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use tokio_stream::StreamExt;

use super::failure::{Diagnostics, Failure};
use super::requests::decode;
use super::schema::{Block, Schema};
use super::{Core, PATIENCE, demand, dynamic, literal, rules};

/// What a list block asks for besides its filters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// Core's own default is 100.
    pub(crate) limit: usize,
    /// Whether each object comes with its state.
    pub(crate) objects: bool,
}

/// One object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) display_name: String,
    pub(crate) identity: Json,
    /// Null where it was not asked for.
    pub(crate) object: Json,
}

impl Core {
    /// What a list resource finds.
    #[track_caller]
    pub(crate) fn list(&self, type_name: &str, config: &Json, asked: Asked) -> Vec<Listed> {
        self.try_list(type_name, config, asked).unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[track_caller]
    pub(crate) fn list_failing(&self, type_name: &str, config: &Json, asked: Asked) -> Failure {
        self.try_list(type_name, config, asked).expect_err("listing has to fail")
    }

    #[track_caller]
    fn try_list(&self, type_name: &str, config: &Json, asked: Asked) -> Result<Vec<Listed>, Failure> {
        const RPC: &str = "ListResource";
        let block = Schema::read(self.schemas().list_resource_schemas.get(type_name).expect("a list resource")).block;
        let resource = Schema::read(self.schemas().resource_schemas.get(type_name).expect("its resource")).block;
        let identities = self.identities().identity_schemas.get(type_name).map(Block::read_identity);
        let config = dynamic(&literal::configuration(&block, config));
        let answer =
            self.ask(self.provider().validate_list_resource_config(proto::validate_list_resource_config::Request {
                type_name: type_name.to_owned(),
                config: Some(config.clone()),
                ..Default::default()
            }));
        Diagnostics::judge("ValidateListResourceConfig", &block, answer.diagnostics)?;

        let mut events = self.ask(self.provider().list_resource(proto::list_resource::Request {
            type_name: type_name.to_owned(),
            config: Some(config),
            include_resource_object: asked.objects,
            limit: i64::try_from(asked.limit).expect("a limit"),
        }));
        let mut listed = Vec::new();
        // Core hangs up at the limit, whatever may still come.
        while listed.len() < asked.limit
            && let Some(event) = self.within(RPC, async { events.next().await })
        {
            let event = event.unwrap_or_else(|status| panic!("an error is a diagnostic, not a gRPC status: {status}"));
            demand(RPC, rules::listed(identities.as_ref(), &resource, &event, asked.objects), &[]);
            Diagnostics::judge(RPC, &block, event.diagnostic)?;
            let identity = rules::identity(identities.as_ref(), event.identity.as_ref()).unwrap_or(Value::Null);
            if identity != Value::Null {
                listed.push(Listed {
                    display_name: event.display_name,
                    identity: literal::json(&identity),
                    object: literal::json(&decode(RPC, &resource, event.resource_object.as_ref())),
                });
            }
        }
        Ok(listed)
    }

    /// Waits for what comes next.
    #[track_caller]
    pub(super) fn within<T>(&self, rpc: &str, next: impl Future<Output = T>) -> T {
        let next = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, next).await });
        next.unwrap_or_else(|_| panic!("{rpc}: nothing within {PATIENCE:?}"))
    }
}
