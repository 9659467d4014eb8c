//! A plugin host: starts the real provider binary the way Terraform does and talks to it through the generated client.
//!
//! `Host::start().await` is Terraform; `Launch` is for starts that Terraform would not make.

// A module for each kind of test and the benchmark use this, none of them all of it.
#![allow(dead_code)]

mod connect;
mod handshake;
mod launch;
mod log;
mod plugin;

use std::time::{Duration, Instant};

use terraform_provider_incus::tfplugin::wire::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use terraform_provider_incus::tfplugin::wire::proto::plugin::grpc_controller_client::GrpcControllerClient;
use terraform_provider_incus::tfplugin::wire::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use terraform_provider_incus::tfplugin::wire::proto::plugin::{ConnInfo, Empty, StdioData};
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::provider_client::ProviderClient;
use tonic::Streaming;
use tonic::transport::Channel;

#[allow(unused_imports)]
pub(crate) use self::connect::{Identity, bare, over};
#[allow(unused_imports)]
pub(crate) use self::handshake::Handshake;
pub(crate) use self::launch::Launch;
#[allow(unused_imports)]
pub(crate) use self::log::LogLine;
#[allow(unused_imports)]
pub(crate) use self::plugin::{Exit, Plugin, Running};

/// What Terraform grants a plugin between the answer to `Shutdown` and SIGKILL.
const PATIENCE: Duration = Duration::from_secs(2);

/// Message sizes: as Terraform, next to no limit.
const MAX_MESSAGE: usize = i32::MAX as usize;

/// A plugin that runs, and the one connection to it.
pub(crate) struct Host {
    plugin: Plugin,
    channel: Channel,
    // Terraform keeps both open for the plugin's whole life.
    stdio: Streaming<StdioData>,
    broker: Streaming<ConnInfo>,
}

impl Host {
    /// Starts the provider and connects, exactly as Terraform does.
    pub(crate) async fn start() -> Self {
        Self::attach(Launch::as_terraform().spawn().await).await
    }

    /// Connects to a plugin that was started in a way of its own.
    pub(crate) async fn attach(plugin: Plugin) -> Self {
        let channel = plugin.connect().await;
        let mut broker = GrpcBrokerClient::new(channel.clone());
        let mut stdio = GrpcStdioClient::new(channel.clone());
        let broker = broker.start_stream(tokio_stream::pending()).await.expect("the broker opens").into_inner();
        let stdio = stdio.stream_stdio(()).await.expect("the stdio stream opens").into_inner();
        Self { plugin, channel, stdio, broker }
    }

    /// The provider's RPCs. Clones share the connection.
    pub(crate) fn provider(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE)
    }

    /// The connection, for other services.
    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    /// The process behind it.
    pub(crate) fn plugin(&self) -> &Plugin {
        &self.plugin
    }

    /// Hangs up.
    pub(crate) fn into_plugin(self) -> Plugin {
        self.plugin
    }

    /// Ends the plugin as Terraform does. Demands what every plugin owes its host: a prompt and clean exit, no socket left
    /// behind, nothing on stdout or the stdio stream, and only hclog lines on stderr.
    pub(crate) async fn shutdown(mut self) -> Exit {
        GrpcControllerClient::new(self.channel.clone()).shutdown(Empty {}).await.expect("Shutdown is answered");
        let answered = Instant::now();
        let said = self.stdio.message().await;
        assert!(matches!(said, Ok(None) | Err(_)), "the plugin wrote to the stdio stream: {said:?}");
        drop((self.channel, self.stdio, self.broker));

        let place = self.plugin.handshake().clone();
        let exit = self.plugin.exited_within(PATIENCE.saturating_sub(answered.elapsed())).await;
        assert!(exit.status.success(), "the plugin failed: {exit:?}");
        assert!(place.is_gone(), "{place:?} was left behind");
        assert_eq!(exit.stdout, "", "something besides the handshake went to stdout");
        exit.log();
        exit
    }
}
