//! The RPCs on managed resources.

use super::{Answers, Served, settle, unknown_type};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::erased::{AnyResource, Change, RawObject};
use crate::tfplugin::path::Path;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::value::Value;
use crate::tfplugin::wire::convert::{attribute_path, diagnostics, dynamic_value};
use crate::tfplugin::wire::json;
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    fn resource(&self, type_name: &str) -> Result<&Served<dyn AnyResource>, Diagnostics> {
        self.resources.get(type_name).ok_or_else(|| unknown_type("resource type", type_name).into())
    }

    pub(in crate::tfplugin::wire) fn validate_resource(
        &self,
        request: proto::validate_resource_type_config::Request,
    ) -> proto::validate_resource_type_config::Response {
        let validated = self.resource(&request.type_name).and_then(|resource| {
            let config = resource.value(request.config)?;
            Ok(resource.served.validate(config))
        });
        let (Ok(found) | Err(found)) = validated;
        proto::validate_resource_type_config::Response { diagnostics: diagnostics(found) }
    }

    pub(in crate::tfplugin::wire) fn upgrade_resource_state(
        &self,
        request: proto::upgrade_resource_state::Request,
    ) -> proto::upgrade_resource_state::Response {
        let upgraded = self.resource(&request.type_name).and_then(|resource| {
            let schema = resource.served.schema();
            if request.version != schema.version {
                let detail = format!(
                    "The state of this {} has version {}; this release of the provider reads version {}.",
                    request.type_name, request.version, schema.version
                );
                return Err(Diagnostic::error("Unable to read the state of another version", detail).into());
            }
            let state = request.raw_state.unwrap_or_default();
            Ok(json::decode(&state.json, &schema.block.ty()).map_err(Diagnostic::from)?)
        });
        match upgraded {
            Ok(state) => proto::upgrade_resource_state::Response {
                upgraded_state: Some(dynamic_value(&state)),
                diagnostics: Vec::new(),
            },
            Err(errors) => {
                proto::upgrade_resource_state::Response { upgraded_state: None, diagnostics: diagnostics(errors) }
            }
        }
    }

    pub(in crate::tfplugin::wire) async fn read_resource(
        &self,
        request: proto::read_resource::Request,
        mut context: Context,
    ) -> proto::read_resource::Response {
        let (current_state, private) = (request.current_state.clone(), request.private.clone());
        let read = async {
            let resource = self.resource(&request.type_name)?;
            let object = RawObject { state: resource.value(request.current_state)?, private: request.private };
            resource.served.read(object, &mut context).await
        };
        let (object, diagnostics) = settle(read.await, &mut context);
        match object {
            Some(Some(object)) => proto::read_resource::Response {
                new_state: Some(dynamic_value(&object.state)),
                private: object.private,
                diagnostics,
                ..Default::default()
            },
            Some(None) => proto::read_resource::Response {
                new_state: Some(dynamic_value(&Value::Null)),
                diagnostics,
                ..Default::default()
            },
            None => {
                proto::read_resource::Response { new_state: current_state, private, diagnostics, ..Default::default() }
            }
        }
    }

    pub(in crate::tfplugin::wire) async fn plan_resource_change(
        &self,
        request: proto::plan_resource_change::Request,
        mut context: Context,
    ) -> proto::plan_resource_change::Response {
        let prior_private = request.prior_private.clone();
        let (plan, diagnostics) = settle(self.plan(request, &mut context).await, &mut context);
        match plan {
            Some((planned, replace)) => proto::plan_resource_change::Response {
                planned_state: Some(dynamic_value(&planned.state)),
                planned_private: planned.private,
                requires_replace: replace.iter().map(attribute_path).collect(),
                diagnostics,
                ..Default::default()
            },
            None => proto::plan_resource_change::Response {
                planned_private: prior_private,
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
            Value::Null => Ok((RawObject { state: Value::Null, private: request.prior_private }, Vec::new())),
            proposed => resource.served.plan(prior, config, proposed, context).await,
        }
    }

    pub(in crate::tfplugin::wire) async fn apply_resource_change(
        &self,
        request: proto::apply_resource_change::Request,
        mut context: Context,
    ) -> proto::apply_resource_change::Response {
        let (prior_state, private) = (request.prior_state.clone(), request.planned_private.clone());
        let change = self.resource(&request.type_name).and_then(|resource| {
            let object = |state| RawObject { state, private: request.planned_private };
            let prior = resource.value(request.prior_state)?;
            let planned = resource.value(request.planned_state)?;
            let change = match (prior, planned) {
                (prior, Value::Null) => Change::Delete(object(prior)),
                (Value::Null, planned) => Change::Create(object(planned)),
                (prior, planned) => {
                    let planned = object(planned);
                    Change::Update(RawObject { state: prior, private: planned.private.clone() }, planned)
                }
            };
            Ok((resource, change))
        });
        let (resource, change) = match change {
            Ok(decoded) => decoded,
            Err(errors) => {
                return proto::apply_resource_change::Response {
                    new_state: prior_state,
                    private,
                    diagnostics: diagnostics(errors),
                    ..Default::default()
                };
            }
        };
        let (object, found) = resource.served.apply(change, &mut context).await;
        let (state, private) = object.map_or((Value::Null, Vec::new()), |object| (object.state, object.private));
        proto::apply_resource_change::Response {
            new_state: Some(dynamic_value(&state)),
            private,
            diagnostics: diagnostics(found),
            ..Default::default()
        }
    }

    pub(in crate::tfplugin::wire) async fn import_resource_state(
        &self,
        request: proto::import_resource_state::Request,
        mut context: Context,
    ) -> proto::import_resource_state::Response {
        let import = async { self.resource(&request.type_name)?.served.import(&request.id, &mut context).await };
        let (object, diagnostics) = settle(import.await, &mut context);
        let imported = object.map(|object| proto::import_resource_state::ImportedResource {
            type_name: request.type_name,
            state: Some(dynamic_value(&object.state)),
            private: object.private,
            identity: None,
        });
        proto::import_resource_state::Response {
            imported_resources: imported.into_iter().collect(),
            diagnostics,
            deferred: None,
        }
    }

    pub(in crate::tfplugin::wire) fn move_resource_state(
        &self,
        request: &proto::move_resource_state::Request,
    ) -> proto::move_resource_state::Response {
        let detail = format!(
            "A {} of provider {} can't be moved to a {}: import the object instead.",
            request.source_type_name, request.source_provider_address, request.target_type_name
        );
        let refusal = Diagnostic::error("Unable to move a resource from another type", detail);
        proto::move_resource_state::Response { diagnostics: diagnostics(refusal.into()), ..Default::default() }
    }
}
