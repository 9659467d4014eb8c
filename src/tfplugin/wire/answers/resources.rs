//! The RPCs in the life of a managed resource.
//!
//! Core stores of an object what an answer holds, and nothing else: notes and identity are in each, also beside errors.

use super::{Answers, Served, find, settle, unless_stopped, validated};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::erased::{AnyResource, Change, RawObject};
use crate::tfplugin::path::Path;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::value::Value;
use crate::tfplugin::wire::convert::{attribute_path, diagnostics, dynamic_value, identity_data};
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    pub(super) fn resource(&self, type_name: &str) -> Result<&Served<dyn AnyResource>, Diagnostics> {
        find(&self.resources, "resource type", type_name)
    }

    pub(in crate::tfplugin::wire) fn validate_resource(
        &self,
        request: proto::validate_resource_type_config::Request,
    ) -> proto::validate_resource_type_config::Response {
        let diagnostics = validated(self.resource(&request.type_name), request.config, AnyResource::validate);
        proto::validate_resource_type_config::Response { diagnostics }
    }

    pub(in crate::tfplugin::wire) async fn read_resource(
        &self,
        request: proto::read_resource::Request,
        mut context: Context,
    ) -> proto::read_resource::Response {
        let (current_state, private) = (request.current_state.clone(), request.private.clone());
        let (identity, stop) = (request.current_identity, context.stop.clone());
        let read = async {
            let resource = self.resource(&request.type_name)?;
            let object = RawObject { state: resource.value(request.current_state)?, private: request.private };
            let read = resource.served.read(object, &mut context).await?;
            Ok(read.map(|object| (resource.served.identity(&object.state), object)))
        };
        let read = unless_stopped(stop, "read the resource", read).await;
        let (object, diagnostics) = settle(read, &mut context);
        match object {
            Some(Some((found, object))) => proto::read_resource::Response {
                new_state: Some(dynamic_value(&object.state)),
                private: object.private,
                new_identity: found.as_ref().map(identity_data).or(identity),
                diagnostics,
                ..Default::default()
            },
            Some(None) => proto::read_resource::Response {
                new_state: Some(dynamic_value(&Value::Null)),
                diagnostics,
                ..Default::default()
            },
            None => proto::read_resource::Response {
                new_state: current_state,
                private,
                new_identity: identity,
                diagnostics,
                ..Default::default()
            },
        }
    }

    pub(in crate::tfplugin::wire) async fn plan_resource_change(
        &self,
        request: proto::plan_resource_change::Request,
        mut context: Context,
    ) -> proto::plan_resource_change::Response {
        let (prior_private, prior_identity) = (request.prior_private.clone(), request.prior_identity.clone());
        let stop = context.stop.clone();
        let plan = unless_stopped(stop, "plan the change", self.plan(request, &mut context)).await;
        let (plan, diagnostics) = settle(plan, &mut context);
        match plan {
            Some((planned, replace)) => proto::plan_resource_change::Response {
                planned_state: Some(dynamic_value(&planned.state)),
                planned_private: planned.private,
                // The identity of an object that is to be is not known yet, and no identity may hold an unknown.
                planned_identity: prior_identity.filter(|_| replace.is_empty() && planned.state != Value::Null),
                requires_replace: replace.iter().map(attribute_path).collect(),
                diagnostics,
                ..Default::default()
            },
            None => proto::plan_resource_change::Response {
                planned_private: prior_private,
                planned_identity: prior_identity,
                diagnostics,
                ..Default::default()
            },
        }
    }

    async fn plan(
        &self,
        request: proto::plan_resource_change::Request,
        context: &mut Context,
    ) -> Result<(RawObject, Vec<Path>), Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let prior = resource.value(request.prior_state)?;
        let config = resource.value(request.config)?;
        let prior =
            (prior != Value::Null).then_some(RawObject { state: prior, private: request.prior_private.clone() });
        match resource.value(request.proposed_new_state)? {
            Value::Null => {
                if let Some(prior) = prior {
                    resource.served.plan_destroy(prior, context)?;
                }
                Ok((RawObject { state: Value::Null, private: request.prior_private }, Vec::new()))
            }
            proposed => {
                // Core plans a replacement anew, with the notes of what is there, and has them destroyed by those of the answer. What
                // is created in its place is planned once more in the apply.
                let destroyed = request.prior_private;
                let is_replacement = prior.is_none() && !destroyed.is_empty();
                let (planned, replace) = resource.served.plan(prior, config, proposed, context).await?;
                let private = if is_replacement { destroyed } else { planned.private };
                Ok((RawObject { private, ..planned }, replace))
            }
        }
    }

    pub(in crate::tfplugin::wire) async fn apply_resource_change(
        &self,
        request: proto::apply_resource_change::Request,
        mut context: Context,
    ) -> proto::apply_resource_change::Response {
        let (prior_state, private) = (request.prior_state.clone(), request.planned_private.clone());
        let identity = request.planned_identity.clone();
        let (resource, change) = match self.change(request) {
            Ok(decoded) => decoded,
            Err(errors) => {
                return proto::apply_resource_change::Response {
                    new_state: prior_state,
                    private,
                    new_identity: identity,
                    diagnostics: diagnostics(errors),
                    ..Default::default()
                };
            }
        };
        let (object, found) = resource.served.apply(change, &mut context).await;
        let diagnostics = diagnostics(found);
        match object {
            Some(object) => proto::apply_resource_change::Response {
                new_state: Some(dynamic_value(&object.state)),
                private: object.private,
                new_identity: resource.served.identity(&object.state).as_ref().map(identity_data).or(identity),
                diagnostics,
                ..Default::default()
            },
            None => proto::apply_resource_change::Response {
                new_state: Some(dynamic_value(&Value::Null)),
                diagnostics,
                ..Default::default()
            },
        }
    }

    /// What is to be done, and to what. Core sends the planned notes alone, also for the prior object.
    fn change(
        &self,
        request: proto::apply_resource_change::Request,
    ) -> Result<(&Served<dyn AnyResource>, Change), Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let object = |state| RawObject { state, private: request.planned_private.clone() };
        let change = match (resource.value(request.prior_state)?, resource.value(request.planned_state)?) {
            (prior, Value::Null) => Change::Delete(object(prior)),
            (Value::Null, planned) => Change::Create(object(planned)),
            (prior, planned) => Change::Update(object(prior), object(planned)),
        };
        Ok((resource, change))
    }
}
