//! The RPCs on actions.

use tokio::sync::mpsc;

use super::{Answers, Served, find, settle, unless_stopped, validated};
use crate::tfplugin::action::{ActionEvent, Progress};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::erased::AnyAction;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::wire::convert::diagnostics;
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    fn action(&self, type_name: &str) -> Result<&Served<dyn AnyAction>, Diagnostics> {
        find(&self.actions, "action", type_name)
    }

    pub(in crate::tfplugin::wire) fn validate_action(
        &self,
        request: proto::validate_action_config::Request,
    ) -> proto::validate_action_config::Response {
        let diagnostics = validated(self.action(&request.action_type), request.config, AnyAction::validate);
        proto::validate_action_config::Response { diagnostics }
    }

    pub(in crate::tfplugin::wire) async fn plan_action(
        &self,
        request: proto::plan_action::Request,
        mut context: Context,
    ) -> proto::plan_action::Response {
        let stop = context.stop.clone();
        let plan = async {
            let action = self.action(&request.action_type)?;
            let config = action.value(request.config)?;
            action.served.plan(config, &mut context).await
        };
        let plan = unless_stopped(stop, "plan the action", plan).await;
        let (_, diagnostics) = settle(plan, &mut context);
        proto::plan_action::Response { diagnostics, deferred: None }
    }

    pub(in crate::tfplugin::wire) async fn invoke_action(
        &self,
        request: proto::invoke_action::Request,
        mut context: Context,
        events: mpsc::Sender<ActionEvent>,
    ) {
        let progress = Progress::new(events.clone());
        let invoke = async {
            let action = self.action(&request.action_type)?;
            let config = action.value(request.config)?;
            action.served.invoke(config, &progress, &mut context).await
        };
        let outcome = invoke.await;
        let mut told = context.warnings;
        told.extend(outcome.err().into_iter().flatten());
        // Fails only where Terraform is gone.
        let _ = events.send(ActionEvent::Completed(told)).await;
    }
}

/// An event of an action as Terraform takes it.
pub(in crate::tfplugin::wire) fn action_event(event: ActionEvent) -> proto::invoke_action::Event {
    use proto::invoke_action::event::{Completed, Progress, Type};
    let event = match event {
        ActionEvent::Progress(message) => Type::Progress(Progress { message }),
        ActionEvent::Completed(told) => Type::Completed(Completed { diagnostics: diagnostics(told) }),
    };
    proto::invoke_action::Event { r#type: Some(event) }
}
