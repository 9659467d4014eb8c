//! The RPCs on list resources.

use tokio::sync::mpsc;

use super::{Answers, Served, find, unless_stopped, validated};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::erased::AnyListResource;
use crate::tfplugin::list_resource::{Detail, ListEvent, Wanted};
use crate::tfplugin::provider::Provider;
use crate::tfplugin::wire::convert::{diagnostics, dynamic_value, identity_data};
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    fn list_resource(&self, type_name: &str) -> Result<&Served<dyn AnyListResource>, Diagnostics> {
        find(&self.list_resources, "list resource", type_name)
    }

    pub(in crate::tfplugin::wire) fn validate_list_resource(
        &self,
        request: proto::validate_list_resource_config::Request,
    ) -> proto::validate_list_resource_config::Response {
        let diagnostics = validated(self.list_resource(&request.type_name), request.config, AnyListResource::validate);
        proto::validate_list_resource_config::Response { diagnostics }
    }

    pub(in crate::tfplugin::wire) async fn list(
        &self,
        request: proto::list_resource::Request,
        mut context: Context,
        events: mpsc::Sender<ListEvent>,
    ) {
        let stop = context.stop.clone();
        let wanted = Wanted {
            limit: usize::try_from(request.limit).unwrap_or(0),
            detail: if request.include_resource_object { Detail::Object } else { Detail::Identity },
        };
        let list = async {
            let list = self.list_resource(&request.type_name)?;
            let config = list.value(request.config)?;
            list.served.list(config, wanted, events.clone(), &mut context).await
        };
        let outcome = unless_stopped(stop, "list", list).await;
        let mut told = context.warnings;
        told.extend(outcome.err().into_iter().flatten());
        if told != Diagnostics::default() {
            // Fails only where Terraform has had enough.
            let _ = events.send(ListEvent::Told(told)).await;
        }
    }
}

/// An event of a listing as Terraform takes it.
pub(in crate::tfplugin::wire) fn list_event(event: ListEvent) -> proto::list_resource::Event {
    match event {
        ListEvent::Found { display_name, identity, object } => proto::list_resource::Event {
            identity: Some(identity_data(&identity)),
            display_name,
            resource_object: object.as_ref().map(dynamic_value),
            diagnostic: Vec::new(),
        },
        ListEvent::Told(told) => proto::list_resource::Event { diagnostic: diagnostics(told), ..Default::default() },
    }
}
