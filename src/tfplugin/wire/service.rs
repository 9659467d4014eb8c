//! The provider service: what every RPC has in common.
//!
//! Each request runs in a task of its own, so that it ends in order when Terraform drops the stream; it is told when the user
//! stops the run, and it is logged. RPCs that are absent here answer "unimplemented": no Terraform or OpenTofu calls them for
//! what the schema holds.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status};
use tracing::{Instrument, Span, debug, debug_span};

use super::answers::{Answers, action_event, list_event};
use super::proto::tfplugin5 as proto;
use super::proto::tfplugin5::provider_server::{Provider as ProviderService, ProviderServer};
use super::rpcs::rpcs;
use crate::tfplugin::context::Context;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::stop::Stop;

/// The largest message taken, as Go's providers have it: a state of a few MB comes twice in one request.
const LARGEST_MESSAGE: usize = 256 << 20;

/// How many events of a stream may wait for Terraform.
const EVENTS: usize = 16;

/// The gRPC service that serves `provider`; `stop` ends its running requests.
pub fn service<P: Provider>(provider: P, stop: Stop) -> ProviderServer<impl ProviderService> {
    ProviderServer::new(Service::new(provider, stop)).max_decoding_message_size(LARGEST_MESSAGE)
}

struct Service<P> {
    answers: Arc<Answers<P>>,
    stop: Stop,
}

impl<P: Provider> Service<P> {
    fn new(provider: P, stop: Stop) -> Self {
        Service { answers: Arc::new(Answers::new(provider)), stop }
    }

    /// Runs `answer` to its end, whether or not somebody still waits for it.
    async fn run<A, F>(
        &self,
        rpc: &'static str,
        type_name: &str,
        answer: impl FnOnce(Arc<Answers<P>>, Context) -> F,
    ) -> Result<Response<A>, Status>
    where
        A: Send + 'static,
        F: Future<Output = A> + Send + 'static,
    {
        let running = self.stop.begin();
        let answer = answer(Arc::clone(&self.answers), Context::new(running.token().clone()));
        let task = async move {
            let answer = timed(answer).await;
            drop(running);
            answer
        };
        let answer = tokio::spawn(task.instrument(span(rpc, type_name))).await;
        answer.map(Response::new).map_err(|error| Status::internal(format!("{rpc} failed: {error}")))
    }

    /// Runs `work` to its end, and streams what it says on the way. It is asked to stop when nobody listens any more.
    fn stream<E, M, F>(
        &self,
        rpc: &'static str,
        type_name: &str,
        message: fn(E) -> M,
        work: impl FnOnce(Arc<Answers<P>>, Context, mpsc::Sender<E>) -> F,
    ) -> Response<BoxStream<M>>
    where
        E: Send + 'static,
        M: 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let running = self.stop.begin();
        let (events, received) = mpsc::channel(EVENTS);
        let stop = running.token().child_token();
        let work = work(Arc::clone(&self.answers), Context::new(stop.clone()), events.clone());
        let task = async move {
            let mut work = std::pin::pin!(timed(work));
            tokio::select! {
                () = &mut work => {}
                () = events.closed() => {
                    stop.cancel();
                    work.await;
                }
            }
            drop(running);
        };
        tokio::spawn(task.instrument(span(rpc, type_name)));
        Response::new(Box::pin(ReceiverStream::new(received).map(move |event| Ok(message(event)))))
    }
}

fn span(rpc: &'static str, type_name: &str) -> Span {
    debug_span!("request", tf_rpc = rpc, tf_type = (!type_name.is_empty()).then_some(type_name))
}

async fn timed<A>(answer: impl Future<Output = A>) -> A {
    let started = Instant::now();
    let answer = answer.await;
    debug!(tf_req_duration_ms = started.elapsed().as_millis(), "answered");
    answer
}

rpcs! {
    answers {
        "GetMetadata" get_metadata(get_metadata) => |answers, _, _| answers.metadata();
        "GetSchema" get_schema(get_provider_schema) => |answers, _, _| answers.schema();
        "GetResourceIdentitySchemas" get_resource_identity_schemas(get_resource_identity_schemas)
            => |answers, _, _| answers.identity_schemas();
        "PrepareProviderConfig" prepare_provider_config(prepare_provider_config)
            => |answers, request, _| answers.prepare_provider_config(request);
        "Configure" configure(configure) => |answers, request, context| answers.configure(request, context).await;

        "ValidateResourceTypeConfig" validate_resource_type_config(validate_resource_type_config) of type_name
            => |answers, request, _| answers.validate_resource(request);
        "UpgradeResourceState" upgrade_resource_state(upgrade_resource_state) of type_name
            => |answers, request, _| answers.upgrade_resource_state(request);
        "UpgradeResourceIdentity" upgrade_resource_identity(upgrade_resource_identity) of type_name
            => |answers, request, _| answers.upgrade_resource_identity(request);
        "ReadResource" read_resource(read_resource) of type_name
            => |answers, request, context| answers.read_resource(request, context).await;
        "PlanResourceChange" plan_resource_change(plan_resource_change) of type_name
            => |answers, request, context| answers.plan_resource_change(request, context).await;
        "ApplyResourceChange" apply_resource_change(apply_resource_change) of type_name
            => |answers, request, context| answers.apply_resource_change(request, context).await;
        "ImportResourceState" import_resource_state(import_resource_state) of type_name
            => |answers, request, context| answers.import_resource_state(request, context).await;
        "GenerateResourceConfig" generate_resource_config(generate_resource_config) of type_name
            => |answers, request, _| answers.generate_resource_config(request);
        "MoveResourceState" move_resource_state(move_resource_state) of target_type_name
            => |answers, request, _| answers.move_resource_state(request);

        "ValidateDataSourceConfig" validate_data_source_config(validate_data_source_config) of type_name
            => |answers, request, _| answers.validate_data_source(request);
        "ReadDataSource" read_data_source(read_data_source) of type_name
            => |answers, request, context| answers.read_data_source(request, context).await;

        "ValidateListResourceConfig" validate_list_resource_config(validate_list_resource_config) of type_name
            => |answers, request, _| answers.validate_list_resource(request);

        "ValidateActionConfig" validate_action_config(validate_action_config) of action_type
            => |answers, request, _| answers.validate_action(request);
        "PlanAction" plan_action(plan_action) of action_type
            => |answers, request, context| answers.plan_action(request, context).await;

        "GetFunctions" get_functions(get_functions) => |answers, _, _| answers.functions();
        "CallFunction" call_function(call_function) of name
            => |answers, request, context| answers.call_function(request, context).await;
    }
    streams {
        "ListResource" list_resource(list_resource) of type_name, list_event
            => |answers, request, context, events| answers.list(request, context, events);
        "InvokeAction" invoke_action(invoke_action) of action_type, action_event
            => |answers, request, context, events| answers.invoke_action(request, context, events);
    }
}

#[cfg(test)]
mod tests;
