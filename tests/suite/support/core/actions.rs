//! Actions: validated, planned, and carried out while they say how far they are.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5::invoke_action::event::Type;
use tokio_stream::StreamExt;
use tonic::Streaming;

use super::failure::{Diagnostics, Failure};
use super::requests::CAPABILITIES;
use super::schema::{Block, Schema};
use super::{Core, demand, dynamic, literal, rules};

/// An action under way.
pub(crate) struct Invoked {
    block: Block,
    events: Streaming<proto::invoke_action::Event>,
}

impl Core {
    /// Carries an action out; the lines that it said on the way.
    #[track_caller]
    pub(crate) fn invoke(&self, type_name: &str, config: &Json) -> Vec<String> {
        let invoked = self.begin_invoke(type_name, config);
        self.finish_invoke(invoked).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// The same, where it has to fail: when it is validated, planned or carried out.
    #[track_caller]
    pub(crate) fn invoke_failing(&self, type_name: &str, config: &Json) -> Failure {
        let outcome = self.try_begin_invoke(type_name, config).and_then(|invoked| self.finish_invoke(invoked));
        outcome.expect_err("the action has to fail")
    }

    /// Begins and does not wait: what comes in between is up to the test.
    #[track_caller]
    pub(crate) fn begin_invoke(&self, type_name: &str, config: &Json) -> Invoked {
        self.try_begin_invoke(type_name, config).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// What is said when an action is planned, with values that may be unknown.
    #[track_caller]
    pub(crate) fn plan_action(&self, type_name: &str, config: &Json) -> Diagnostics {
        let planned = self.try_plan_action(type_name, &self.action_block(type_name), config);
        planned.unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[track_caller]
    fn try_begin_invoke(&self, type_name: &str, config: &Json) -> Result<Invoked, Failure> {
        let block = self.action_block(type_name);
        self.try_plan_action(type_name, &block, config)?;
        let config = Some(dynamic(&literal::configuration(&block, config)));
        let client_capabilities = Some(CAPABILITIES);
        let invoke = proto::invoke_action::Request { action_type: type_name.to_owned(), config, client_capabilities };
        Ok(Invoked { block, events: self.ask(self.provider().invoke_action(invoke)) })
    }

    #[track_caller]
    fn try_plan_action(&self, type_name: &str, block: &Block, config: &Json) -> Result<Diagnostics, Failure> {
        let config = Some(dynamic(&literal::configuration(block, config)));
        let action_type = || type_name.to_owned();
        let validate = proto::validate_action_config::Request { action_type: action_type(), config: config.clone() };
        let answer = self.ask(self.provider().validate_action_config(validate));
        Diagnostics::judge("ValidateActionConfig", block, answer.diagnostics)?;
        let client_capabilities = Some(CAPABILITIES);
        let plan = proto::plan_action::Request { action_type: action_type(), config, client_capabilities };
        let answer = self.ask(self.provider().plan_action(plan));
        demand("PlanAction", rules::not_deferred(answer.deferred), &[]);
        Diagnostics::judge("PlanAction", block, answer.diagnostics)
    }

    fn action_block(&self, type_name: &str) -> Block {
        let schema = self.schemas().action_schemas.get(type_name).expect("an action of the provider");
        Schema::read(schema.schema.as_ref().expect("an action has a schema: core crashes without")).block
    }

    /// Waits for the next line of an action that goes on.
    #[track_caller]
    pub(crate) fn next_line(&self, invoked: &mut Invoked) -> String {
        let event = self.within("InvokeAction", invoked.events.next()).and_then(Result::ok);
        match event.and_then(|event| event.r#type) {
            Some(Type::Progress(progress)) => progress.message,
            other => panic!("the action does not go on: {other:?}"),
        }
    }

    /// Waits for the end of an action; the lines that it said on the way.
    #[track_caller]
    pub(crate) fn finish_invoke(&self, invoked: Invoked) -> Result<Vec<String>, Failure> {
        const RPC: &str = "InvokeAction";
        let Invoked { block, events } = invoked;
        let events: Vec<_> = self.within(RPC, events.collect());
        let events: Result<Vec<_>, _> = events.into_iter().collect();
        let events = events.unwrap_or_else(|status| panic!("an error is a diagnostic, not a gRPC status: {status}"));
        demand(RPC, rules::invoked(&events), &[]);
        let mut lines = Vec::new();
        for event in events.into_iter().filter_map(|event| event.r#type) {
            match event {
                Type::Progress(progress) => lines.push(progress.message),
                Type::Completed(completed) => drop(Diagnostics::judge(RPC, &block, completed.diagnostics)?),
            }
        }
        Ok(lines)
    }
}
