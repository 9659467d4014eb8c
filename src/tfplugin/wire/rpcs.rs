//! The table of RPCs, and what it stands for: all of them are run alike.

/// Declares the service by a row for each RPC: its name, its method and the module of its messages, the field that names the type it
/// is about, and its answer. `Stop` is the only one that is none of them.
macro_rules! rpcs {
    (
        answers {
            $( $rpc:literal $method:ident($messages:ident) $(of $type_name:ident)?
                => |$answers:ident, $request:pat_param, $context:pat_param| $answer:expr; )*
        }
        streams {
            $( $stream_rpc:literal $stream_method:ident($stream_messages:ident) of $stream_type:ident, $event:ident
                => |$stream_answers:ident, $stream_request:ident, $stream_context:ident, $events:ident| $work:expr; )*
        }
    ) => {
        #[tonic::async_trait]
        impl<P: Provider> ProviderService for Service<P> {
            $(
                async fn $method(
                    &self,
                    request: Request<proto::$messages::Request>,
                ) -> Result<Response<proto::$messages::Response>, Status> {
                    let request = request.into_inner();
                    let type_name: String = String::new() $( + &request.$type_name )?;
                    self.run($rpc, &type_name, |$answers, $context| async move {
                        let $request = request;
                        $answer
                    })
                    .await
                }
            )*
            $(
                async fn $stream_method(
                    &self,
                    request: Request<proto::$stream_messages::Request>,
                ) -> Result<Response<BoxStream<proto::$stream_messages::Event>>, Status> {
                    let $stream_request = request.into_inner();
                    let type_name = $stream_request.$stream_type.clone();
                    Ok(self.stream($stream_rpc, &type_name, $event, |$stream_answers, $stream_context, $events| async move {
                        $work.await;
                    }))
                }
            )*

            async fn stop(&self, _: Request<proto::stop::Request>) -> Result<Response<proto::stop::Response>, Status> {
                self.stop.request();
                Ok(Response::new(Default::default()))
            }
        }
    };
}

pub(super) use rpcs;
