//! An apply under way, and what becomes of the state when it ends.

use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::apply_resource_change as wire;
use tokio::task::JoinHandle;
use tonic::{Response, Status};

use super::failure::{Diagnostics, Failure};
use super::instance::{Instance, Stored};
use super::requests::{Planned, decode, identity_data};
use super::rules::Ending;
use super::{demand, dynamic, rules};

/// A request that runs.
pub(crate) struct Applying {
    task: JoinHandle<Result<Response<wire::Response>, Status>>,
    prior: Value,
    planned: Value,
    private: Vec<u8>,
}

impl Applying {
    /// Drops the stream, as a Terraform does that is killed.
    pub(crate) fn abandon(self) {
        self.task.abort();
    }
}

impl Instance<'_> {
    /// Sends the request, and does not wait. A null configuration destroys.
    pub(super) fn send_apply(&self, prior: &Value, planned: Planned, config: &Value) -> Applying {
        let request = wire::Request {
            type_name: self.type_name.clone(),
            prior_state: Some(dynamic(prior)),
            planned_state: Some(dynamic(&planned.value)),
            config: Some(dynamic(config)),
            planned_private: planned.private.clone(),
            planned_identity: identity_data(&planned.identity),
            ..Default::default()
        };
        let mut provider = self.core.provider();
        let task = self.core.runtime.spawn(async move { provider.apply_resource_change(request).await });
        Applying { task, prior: prior.clone(), planned: planned.value, private: planned.private }
    }

    /// Waits for the end, holds the answer against the rules, and stores what core stores.
    #[track_caller]
    pub(crate) fn finish(&mut self, applying: Applying) -> Result<(), Failure> {
        const RPC: &str = "ApplyResourceChange";
        let Applying { task, prior, planned, private } = applying;
        let answer = self.core.ask(async { task.await.expect("the request was not abandoned") });
        let judged = Diagnostics::judge(RPC, self.block(), answer.diagnostics);
        let value = decode(RPC, self.block(), answer.new_state.as_ref());
        let ending = if judged.is_err() { Ending::Failure } else { Ending::Success };
        let mut breaches = rules::applied(&prior, &planned, &value, ending);
        breaches.extend(rules::private_kept(&private, &value, &answer.private));
        let identity = self.decode_identity(RPC, answer.new_identity.as_ref());
        breaches.extend(rules::identified(self.identity.as_ref(), &value, &identity));
        if answer.legacy_type_system {
            breaches.push(super::Breach::of_all("the rules are not waived", "legacy_type_system is set"));
        }
        demand(RPC, breaches, &[("prior", &prior), ("planned", &planned), ("applied", &value)]);
        // What a failed create leaves behind is replaced by the next apply.
        let tainted = ending == Ending::Failure && prior == Value::Null;
        let stored = Stored { value, private: answer.private, identity, tainted };
        self.stored = (stored.value != Value::Null).then_some(stored);
        judged.map(drop)
    }
}
