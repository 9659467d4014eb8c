//! The provider service: what every RPC has in common.
//!
//! Each request runs in a task of its own, so that it ends in order when Terraform drops the stream; it is told when the user
//! stops the run, and it is logged. RPCs that are absent here answer "unimplemented": no Terraform or OpenTofu calls them for
//! what the schema holds.

use std::sync::Arc;
use std::time::Instant;

use tonic::{Request, Response, Status};
use tracing::{Instrument, debug, debug_span};

use super::answers::Answers;
use super::proto::tfplugin5 as proto;
use super::proto::tfplugin5::provider_server::{Provider as ProviderService, ProviderServer};
use crate::tfplugin::context::Context;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::stop::Stop;

/// The largest message taken, as Go's providers have it: a state of a few MB comes twice in one request.
const LARGEST_MESSAGE: usize = 256 << 20;

/// The gRPC service that serves `provider`; `stop` ends its running requests.
pub fn service<P: Provider>(provider: P, stop: Stop) -> ProviderServer<impl ProviderService> {
    ProviderServer::new(Service { answers: Arc::new(Answers::new(provider)), stop })
        .max_decoding_message_size(LARGEST_MESSAGE)
}

struct Service<P> {
    answers: Arc<Answers<P>>,
    stop: Stop,
}

impl<P: Provider> Service<P> {
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
            let started = Instant::now();
            let answer = answer.await;
            debug!(tf_req_duration_ms = started.elapsed().as_millis(), "answered");
            drop(running);
            answer
        };
        let span = debug_span!("request", tf_rpc = rpc, tf_resource_type = type_name);
        let answer = tokio::spawn(task.instrument(span)).await;
        answer.map(Response::new).map_err(|error| Status::internal(format!("{rpc} failed: {error}")))
    }
}

#[tonic::async_trait]
impl<P: Provider> ProviderService for Service<P> {
    async fn get_schema(
        &self,
        _: Request<proto::get_provider_schema::Request>,
    ) -> Result<Response<proto::get_provider_schema::Response>, Status> {
        self.run("GetSchema", "", |answers, _| async move { answers.schema() }).await
    }

    async fn get_resource_identity_schemas(
        &self,
        _: Request<proto::get_resource_identity_schemas::Request>,
    ) -> Result<Response<proto::get_resource_identity_schemas::Response>, Status> {
        self.run("GetResourceIdentitySchemas", "", |answers, _| async move { answers.identity_schemas() }).await
    }

    async fn prepare_provider_config(
        &self,
        request: Request<proto::prepare_provider_config::Request>,
    ) -> Result<Response<proto::prepare_provider_config::Response>, Status> {
        let request = request.into_inner();
        self.run("PrepareProviderConfig", "", |answers, _| async move { answers.prepare_provider_config(request) })
            .await
    }

    async fn configure(
        &self,
        request: Request<proto::configure::Request>,
    ) -> Result<Response<proto::configure::Response>, Status> {
        let request = request.into_inner();
        self.run("Configure", "", |answers, context| async move { answers.configure(request, context).await }).await
    }

    async fn validate_resource_type_config(
        &self,
        request: Request<proto::validate_resource_type_config::Request>,
    ) -> Result<Response<proto::validate_resource_type_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run(
            "ValidateResourceTypeConfig",
            &type_name,
            |answers, _| async move { answers.validate_resource(request) },
        )
        .await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<proto::upgrade_resource_state::Request>,
    ) -> Result<Response<proto::upgrade_resource_state::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run(
            "UpgradeResourceState",
            &type_name,
            |answers, _| async move { answers.upgrade_resource_state(request) },
        )
        .await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<proto::upgrade_resource_identity::Request>,
    ) -> Result<Response<proto::upgrade_resource_identity::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run("UpgradeResourceIdentity", &type_name, |answers, _| async move {
            answers.upgrade_resource_identity(request)
        })
        .await
    }

    async fn read_resource(
        &self,
        request: Request<proto::read_resource::Request>,
    ) -> Result<Response<proto::read_resource::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run(
            "ReadResource",
            &type_name,
            |answers, context| async move { answers.read_resource(request, context).await },
        )
        .await
    }

    async fn plan_resource_change(
        &self,
        request: Request<proto::plan_resource_change::Request>,
    ) -> Result<Response<proto::plan_resource_change::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run("PlanResourceChange", &type_name, |answers, context| async move {
            answers.plan_resource_change(request, context).await
        })
        .await
    }

    async fn apply_resource_change(
        &self,
        request: Request<proto::apply_resource_change::Request>,
    ) -> Result<Response<proto::apply_resource_change::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run("ApplyResourceChange", &type_name, |answers, context| async move {
            answers.apply_resource_change(request, context).await
        })
        .await
    }

    async fn import_resource_state(
        &self,
        request: Request<proto::import_resource_state::Request>,
    ) -> Result<Response<proto::import_resource_state::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run("ImportResourceState", &type_name, |answers, context| async move {
            answers.import_resource_state(request, context).await
        })
        .await
    }

    async fn generate_resource_config(
        &self,
        request: Request<proto::generate_resource_config::Request>,
    ) -> Result<Response<proto::generate_resource_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run(
            "GenerateResourceConfig",
            &type_name,
            |answers, _| async move { answers.generate_resource_config(request) },
        )
        .await
    }

    async fn validate_data_source_config(
        &self,
        request: Request<proto::validate_data_source_config::Request>,
    ) -> Result<Response<proto::validate_data_source_config::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run(
            "ValidateDataSourceConfig",
            &type_name,
            |answers, _| async move { answers.validate_data_source(request) },
        )
        .await
    }

    async fn read_data_source(
        &self,
        request: Request<proto::read_data_source::Request>,
    ) -> Result<Response<proto::read_data_source::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.type_name.clone();
        self.run("ReadDataSource", &type_name, |answers, context| async move {
            answers.read_data_source(request, context).await
        })
        .await
    }

    async fn move_resource_state(
        &self,
        request: Request<proto::move_resource_state::Request>,
    ) -> Result<Response<proto::move_resource_state::Response>, Status> {
        let request = request.into_inner();
        let type_name = request.target_type_name.clone();
        self.run("MoveResourceState", &type_name, |answers, _| async move { answers.move_resource_state(request) })
            .await
    }

    async fn get_functions(
        &self,
        _: Request<proto::get_functions::Request>,
    ) -> Result<Response<proto::get_functions::Response>, Status> {
        Ok(Response::new(Default::default()))
    }

    async fn stop(&self, _: Request<proto::stop::Request>) -> Result<Response<proto::stop::Response>, Status> {
        self.stop.request();
        Ok(Response::new(Default::default()))
    }
}
