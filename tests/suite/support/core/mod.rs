//! Plays Terraform core over the real binary, and holds every answer against core's own rules: who breaks one is told which,
//! where and with which values. It blocks, so that a test can ask the server for its truth in between.
//!
//! The rules are written from how core behaves; the provider's own planning helpers have no part in them.

mod actions;
mod apply;
mod breach;
mod data_source;
mod failure;
mod functions;
mod instance;
mod lists;
pub(crate) mod literal;
mod migrate;
mod plan;
pub(crate) mod proposed;
mod requests;
pub(crate) mod rules;
pub(crate) mod schema;

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::msgpack;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use tokio::runtime::Runtime;
use tonic::transport::Channel;
use tonic::{Response, Status};

use self::breach::Breach;
use self::failure::Diagnostics;
pub(crate) use self::failure::Failure;
use self::instance::Instance;
use self::schema::{Block, Schema};
use super::host::{Host, Launch};
use super::lab::Lab;

pub(crate) use self::lists::{Asked, Listed};
pub(crate) use self::literal::UNKNOWN;

/// How long any answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The generated client of a provider.
pub(crate) type Provider = proto::provider_client::ProviderClient<Channel>;

/// Terraform with one provider process.
pub(crate) struct Core {
    schemas: proto::get_provider_schema::Response,
    identities: proto::get_resource_identity_schemas::Response,
    host: Host,
    // Last: the host lives on it.
    runtime: Runtime,
}

impl Core {
    /// With an empty provider block, beside a lab's daemon.
    pub(crate) fn start(lab: &Lab) -> Self {
        Self::start_with(lab, &json!({}))
    }

    /// With this provider block, beside a lab's daemon.
    pub(crate) fn start_with(lab: &Lab, config: &Json) -> Self {
        let environment = lab.environment().into_iter();
        let launch = environment.fold(Launch::as_terraform(), |launch, (name, value)| launch.env(&name, value));
        let core = Self::launch(launch);
        core.configure(config);
        core
    }

    /// Not configured yet, and with no server to be found.
    pub(crate) fn without_server() -> Self {
        Self::at_home(Path::new("/nonexistent"))
    }

    /// The same, for a user with this home folder.
    pub(crate) fn at_home(home: &Path) -> Self {
        let nowhere = |launch: Launch, name| launch.env(name, "/nonexistent");
        Self::launch(["INCUS_CONF", "INCUS_DIR"].into_iter().fold(Launch::as_terraform().env("HOME", home), nowhere))
    }

    fn launch(launch: Launch) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let host = runtime.block_on(async { Host::attach(launch.spawn().await).await });
        let mut core = Self { schemas: Default::default(), identities: Default::default(), host, runtime };
        core.schemas = core.ask(core.provider().get_schema(proto::get_provider_schema::Request {}));
        let request = proto::get_resource_identity_schemas::Request {};
        core.identities = core.ask(core.provider().get_resource_identity_schemas(request));
        core
    }

    /// `PrepareProviderConfig` and `Configure`, which may be called again.
    #[track_caller]
    pub(crate) fn configure(&self, config: &Json) {
        self.try_configure(config).unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// The same, where it has to fail.
    #[track_caller]
    pub(crate) fn configure_failing(&self, config: &Json) -> Failure {
        self.try_configure(config).expect_err("configuring has to fail")
    }

    #[track_caller]
    fn try_configure(&self, config: &Json) -> Result<(), Failure> {
        let block = Schema::read(self.schemas.provider.as_ref().expect("the provider has a schema")).block;
        let value = literal::configuration(&block, config);
        let config = Some(dynamic(&value));
        let request = proto::prepare_provider_config::Request { config: config.clone() };
        let prepared = self.ask(self.provider().prepare_provider_config(request));
        Diagnostics::judge("PrepareProviderConfig", &block, prepared.diagnostics)?;
        let request =
            proto::configure::Request { config, terraform_version: "1.11.4".to_owned(), ..Default::default() };
        let configured = self.ask(self.provider().configure(request));
        Diagnostics::judge("Configure", &block, configured.diagnostics).map(drop)
    }

    /// An instance of a resource that does not exist yet.
    #[track_caller]
    pub(crate) fn resource(&self, type_name: &str) -> Instance<'_> {
        let schema = self.schemas.resource_schemas.get(type_name).expect("a resource type of the provider");
        let identity = self.identities.identity_schemas.get(type_name).map(Block::read_identity);
        Instance::new(self, type_name, Schema::read(schema), identity)
    }

    /// How many bytes the provider has read so far, from files and sockets.
    pub(crate) fn bytes_read(&self) -> u64 {
        let counts = std::fs::read_to_string(format!("/proc/{}/io", self.process())).expect("counts");
        let read = counts.lines().find_map(|line| line.strip_prefix("rchar: ")).expect("a count");
        read.parse().expect("a number")
    }

    /// Asks every running request to stop at its next safe point.
    pub(crate) fn stop(&self) {
        let answer = self.ask(self.provider().stop(proto::stop::Request {}));
        assert_eq!(answer.error, "");
    }

    /// Everything that `GetSchema` answered.
    pub(crate) fn schemas(&self) -> &proto::get_provider_schema::Response {
        &self.schemas
    }

    /// Everything that `GetResourceIdentitySchemas` answered.
    pub(crate) fn identities(&self) -> &proto::get_resource_identity_schemas::Response {
        &self.identities
    }

    /// The RPCs themselves, to ask what Terraform never would.
    pub(crate) fn provider(&self) -> Provider {
        self.host.provider()
    }

    /// Waits for an answer. Errors are diagnostics: core throws away the state of what fails on the level of gRPC.
    #[track_caller]
    pub(crate) fn ask<A>(&self, answer: impl Future<Output = Result<Response<A>, Status>>) -> A {
        let answer = self.runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await });
        let answer = answer.unwrap_or_else(|_| panic!("no answer within {PATIENCE:?}"));
        answer.unwrap_or_else(|status| panic!("an error is a diagnostic, not a gRPC status: {status}")).into_inner()
    }

    /// The provider's process.
    pub(crate) fn process(&self) -> u32 {
        self.host.plugin().id()
    }

    /// Ends the process as the kernel does that has no memory left.
    pub(crate) fn kill(self) {
        self.host.plugin().signal("KILL");
    }

    /// Ends the process as Terraform does, with all that is demanded of its end.
    pub(crate) fn shutdown(self) {
        let Self { host, runtime, .. } = self;
        runtime.block_on(host.shutdown());
    }
}

fn dynamic(value: &Value) -> proto::DynamicValue {
    proto::DynamicValue { msgpack: msgpack::encode(value), json: Vec::new() }
}

/// Fails the test when a rule is broken.
#[track_caller]
fn demand(rpc: &str, breaches: impl IntoIterator<Item = Breach>, values: &[(&str, &Value)]) {
    let breaches: Vec<_> = breaches.into_iter().map(|breach| breach.to_string()).collect();
    let values = values.iter().map(|(name, value)| format!("\n{name}: {:#}", literal::json(value)));
    assert!(breaches.is_empty(), "{rpc} breaks a rule\n{}\n{}", breaches.join("\n"), values.collect::<String>());
}
