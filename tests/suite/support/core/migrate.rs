//! Ways into the state and out of it besides the plan: states of other providers and releases, and generated configuration.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::failure::{Diagnostics, Failure};
use super::instance::{Instance, Stored};
use super::requests::decode;
use super::{Breach, demand, dynamic, literal, rules};

impl Instance<'_> {
    /// Takes over an object by a `moved` block.
    #[track_caller]
    pub(crate) fn take_over(&mut self, provider: &str, type_name: &str, state: &Json) -> &mut Self {
        self.try_take_over(provider, type_name, state).unwrap_or_else(|failure| panic!("{failure}"));
        self
    }

    /// The same, where it has to fail.
    #[track_caller]
    pub(crate) fn take_over_failing(&mut self, provider: &str, type_name: &str, state: &Json) -> Failure {
        self.try_take_over(provider, type_name, state).expect_err("taking over has to fail")
    }

    #[track_caller]
    fn try_take_over(&mut self, provider: &str, type_name: &str, state: &Json) -> Result<(), Failure> {
        const RPC: &str = "MoveResourceState";
        let answer = self.core.ask(self.core.provider().move_resource_state(proto::move_resource_state::Request {
            source_provider_address: provider.to_owned(),
            source_type_name: type_name.to_owned(),
            source_state: Some(raw(state)),
            target_type_name: self.type_name.clone(),
            ..Default::default()
        }));
        Diagnostics::judge(RPC, self.block(), answer.diagnostics)?;
        let value = decode(RPC, self.block(), answer.target_state.as_ref());
        let identity = self.decode_identity(RPC, answer.target_identity.as_ref());
        self.arrive(RPC, Stored { value, private: answer.target_private, identity, tainted: false });
        Ok(())
    }

    /// Reads a stored state of this version, which the provider has to upgrade.
    #[track_caller]
    pub(crate) fn upgrade(&mut self, version: i64, state: &Json) -> &mut Self {
        const RPC: &str = "UpgradeResourceState";
        let provider = &mut self.core.provider();
        let answer = self.core.ask(provider.upgrade_resource_state(proto::upgrade_resource_state::Request {
            type_name: self.type_name.clone(),
            version,
            raw_state: Some(raw(state)),
        }));
        Diagnostics::judge(RPC, self.block(), answer.diagnostics).unwrap_or_else(|failure| panic!("{failure}"));
        let value = decode(RPC, self.block(), answer.upgraded_state.as_ref());
        self.arrive(RPC, Stored { value, private: Vec::new(), identity: Value::Null, tainted: false });
        self
    }

    #[track_caller]
    fn arrive(&mut self, rpc: &str, stored: Stored) {
        let absent = (stored.value == Value::Null).then(|| Breach::of_all("there is an object", "null"));
        demand(rpc, absent.into_iter().chain(rules::wholly_known(&stored.value)), &[("state", &stored.value)]);
        self.stored = Some(stored);
    }

    /// The configuration that the provider generates for the object: what it sets, and nothing that no configuration can.
    #[track_caller]
    pub(crate) fn generated(&self) -> Json {
        const RPC: &str = "GenerateResourceConfig";
        let provider = &mut self.core.provider();
        let answer = self.core.ask(provider.generate_resource_config(proto::generate_resource_config::Request {
            type_name: self.type_name.clone(),
            state: Some(dynamic(&self.prior())),
        }));
        Diagnostics::judge(RPC, self.block(), answer.diagnostics).unwrap_or_else(|failure| panic!("{failure}"));
        let config = decode(RPC, self.block(), answer.config.as_ref());
        let mut config = literal::json(&config).as_object().cloned().expect("a configuration");
        config.retain(|name, value| {
            let is_set =
                !value.is_null() && value.as_array().is_none_or(|blocks| !self.is_block(name) || !blocks.is_empty());
            let may_be_set =
                self.block().attributes.get(name).is_none_or(|declared| declared.optional || declared.required);
            assert!(may_be_set || !is_set, "{name} is generated, which nobody can configure");
            is_set
        });
        Json::Object(config)
    }

    fn is_block(&self, name: &str) -> bool {
        self.block().blocks.contains_key(name)
    }
}

fn raw(state: &Json) -> proto::RawState {
    proto::RawState { json: state.to_string().into_bytes(), ..Default::default() }
}
