//! The RPCs that bring what is stored up to date: states and identities of other releases, and of other providers.

use serde_json::Value as Json;

use super::Answers;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::provider::Provider;
use crate::tfplugin::resource::MoveSource;
use crate::tfplugin::value::Value;
use crate::tfplugin::wire::convert::{diagnostics, dynamic_value, identity_data};
use crate::tfplugin::wire::json;
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    pub(in crate::tfplugin::wire) fn upgrade_resource_state(
        &self,
        request: proto::upgrade_resource_state::Request,
    ) -> proto::upgrade_resource_state::Response {
        let (upgraded_state, diagnostics) = answered(self.upgrade_state(request));
        proto::upgrade_resource_state::Response {
            upgraded_state: upgraded_state.as_ref().map(dynamic_value),
            diagnostics,
        }
    }

    fn upgrade_state(&self, request: proto::upgrade_resource_state::Request) -> Result<Value, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let state = parsed(request.raw_state)?;
        if let Some(upgraded) = resource.served.upgrade(request.version, &state)? {
            return Ok(upgraded);
        }
        let known = resource.schema().version;
        if request.version != known {
            return Err(other_version("state", &request.type_name, request.version, known).into());
        }
        Ok(json::from_json(state, resource.ty()).map_err(Diagnostic::from)?)
    }

    pub(in crate::tfplugin::wire) fn upgrade_resource_identity(
        &self,
        request: proto::upgrade_resource_identity::Request,
    ) -> proto::upgrade_resource_identity::Response {
        let (upgraded_identity, diagnostics) = answered(self.upgrade_identity(request));
        proto::upgrade_resource_identity::Response {
            upgraded_identity: upgraded_identity.as_ref().map(identity_data),
            diagnostics,
        }
    }

    fn upgrade_identity(&self, request: proto::upgrade_resource_identity::Request) -> Result<Value, Diagnostics> {
        let schema = self.resource(&request.type_name)?.served.identity_schema();
        if request.version != schema.version {
            return Err(other_version("identity", &request.type_name, request.version, schema.version).into());
        }
        let identity = parsed(request.raw_identity)?;
        Ok(json::from_json(identity, &schema.block.ty()).map_err(Diagnostic::from)?)
    }

    pub(in crate::tfplugin::wire) fn move_resource_state(
        &self,
        request: proto::move_resource_state::Request,
    ) -> proto::move_resource_state::Response {
        let moved = self.resource(&request.target_type_name).and_then(|resource| {
            let state = parsed(request.source_state)?;
            let object = resource.served.take_over(MoveSource {
                provider: &request.source_provider_address,
                type_name: &request.source_type_name,
                state: &state,
            })?;
            Ok((resource.served.identity(&object.state), object))
        });
        match moved {
            Ok((identity, object)) => proto::move_resource_state::Response {
                target_state: Some(dynamic_value(&object.state)),
                target_private: object.private,
                target_identity: identity.as_ref().map(identity_data),
                diagnostics: Vec::new(),
            },
            Err(errors) => {
                proto::move_resource_state::Response { diagnostics: diagnostics(errors), ..Default::default() }
            }
        }
    }
}

/// What is stored; null where nothing is.
fn parsed(stored: Option<proto::RawState>) -> Result<Json, Diagnostic> {
    match stored {
        Some(stored) if !stored.json.is_empty() => Ok(json::parse(&stored.json)?),
        _ => Ok(Json::Null),
    }
}

fn answered(outcome: Result<Value, Diagnostics>) -> (Option<Value>, Vec<proto::Diagnostic>) {
    match outcome {
        Ok(value) => (Some(value), Vec::new()),
        Err(errors) => (None, diagnostics(errors)),
    }
}

fn other_version(what: &str, type_name: &str, stored: i64, known: i64) -> Diagnostic {
    let detail = format!(
        "The {what} of this {type_name} has version {stored}; this release of the provider reads version {known}."
    );
    Diagnostic::error(format!("Unable to read the {what} of another version"), detail)
}
