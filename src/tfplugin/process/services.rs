//! The services that go-plugin expects of every plugin. Only the controller does something; the others are opened by the
//! host when it connects and stay silent.

use futures_util::stream;
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::tfplugin::wire::proto::plugin::grpc_broker_server::GrpcBroker;
use crate::tfplugin::wire::proto::plugin::grpc_controller_server::GrpcController;
use crate::tfplugin::wire::proto::plugin::grpc_stdio_server::GrpcStdio;
use crate::tfplugin::wire::proto::plugin::{ConnInfo, Empty, StdioData};

/// All of go-plugin's services. The token is cancelled by `Shutdown` and whatever else ends the process.
#[derive(Clone, Debug)]
pub(super) struct Services {
    end: CancellationToken,
}

impl Services {
    pub(super) fn new(end: CancellationToken) -> Self {
        Self { end }
    }

    /// A stream that brings nothing, and ends with the process: a graceful end waits for open streams.
    fn silence<T: Send + 'static>(&self) -> Response<BoxStream<T>> {
        let ended = self.end.clone().cancelled_owned();
        Response::new(Box::pin(stream::unfold(ended, |ended| async {
            ended.await;
            None
        })))
    }
}

#[tonic::async_trait]
impl GrpcController for Services {
    /// Answers at once: the host waits for the answer without limit, and then two seconds for the exit.
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.end.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Services {
    /// Terraform only complains about what arrives here; logs go to stderr.
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(self.silence())
    }
}

#[tonic::async_trait]
impl GrpcBroker for Services {
    /// Providers have no further services to broker.
    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(self.silence())
    }
}
