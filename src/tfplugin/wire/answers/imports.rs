//! The RPCs by which objects that exist come under management, and are written down.

use super::{Answers, settle, unless_stopped};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::provider::Provider;
use crate::tfplugin::resource::ImportBy;
use crate::tfplugin::value::Value;
use crate::tfplugin::wire::convert::{diagnostics, dynamic_value, identity_data, value};
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    pub(in crate::tfplugin::wire) async fn import_resource_state(
        &self,
        request: proto::import_resource_state::Request,
        mut context: Context,
    ) -> proto::import_resource_state::Response {
        let stop = context.stop.clone();
        let imported = unless_stopped(stop, "import the resource", self.import(request, &mut context)).await;
        let (imported, diagnostics) = settle(imported, &mut context);
        proto::import_resource_state::Response {
            imported_resources: imported.into_iter().collect(),
            diagnostics,
            deferred: None,
        }
    }

    async fn import(
        &self,
        request: proto::import_resource_state::Request,
        context: &mut Context,
    ) -> Result<proto::import_resource_state::ImportedResource, Diagnostics> {
        let resource = self.resource(&request.type_name)?;
        let by = match request.identity {
            Some(identity) => {
                let ty = resource.served.identity_schema().block.ty();
                ImportBy::Identity(value(identity.identity_data, &ty).map_err(Diagnostic::from)?)
            }
            None => ImportBy::Id(request.id),
        };
        let object = resource.served.import(by, context).await?;
        Ok(proto::import_resource_state::ImportedResource {
            type_name: request.type_name,
            identity: resource.served.identity(&object.state).as_ref().map(identity_data),
            state: Some(dynamic_value(&object.state)),
            private: object.private,
        })
    }

    pub(in crate::tfplugin::wire) fn generate_resource_config(
        &self,
        request: proto::generate_resource_config::Request,
    ) -> proto::generate_resource_config::Response {
        let generated = self.resource(&request.type_name).and_then(|resource| match resource.value(request.state)? {
            Value::Null => Ok(Value::Null),
            state => resource.served.configuration(state),
        });
        match generated {
            Ok(config) => proto::generate_resource_config::Response {
                config: Some(dynamic_value(&config)),
                diagnostics: Vec::new(),
            },
            Err(errors) => proto::generate_resource_config::Response { config: None, diagnostics: diagnostics(errors) },
        }
    }
}
