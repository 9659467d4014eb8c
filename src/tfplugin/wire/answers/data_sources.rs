//! The RPCs on data sources.

use super::{Answers, Served, find, settle, unless_stopped, validated};
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::Diagnostics;
use crate::tfplugin::erased::AnyDataSource;
use crate::tfplugin::provider::Provider;
use crate::tfplugin::wire::convert::dynamic_value;
use crate::tfplugin::wire::proto::tfplugin5 as proto;

impl<P: Provider> Answers<P> {
    fn data_source(&self, type_name: &str) -> Result<&Served<dyn AnyDataSource>, Diagnostics> {
        find(&self.data_sources, "data source", type_name)
    }

    pub(in crate::tfplugin::wire) fn validate_data_source(
        &self,
        request: proto::validate_data_source_config::Request,
    ) -> proto::validate_data_source_config::Response {
        let diagnostics = validated(self.data_source(&request.type_name), request.config, AnyDataSource::validate);
        proto::validate_data_source_config::Response { diagnostics }
    }

    pub(in crate::tfplugin::wire) async fn read_data_source(
        &self,
        request: proto::read_data_source::Request,
        mut context: Context,
    ) -> proto::read_data_source::Response {
        let stop = context.stop.clone();
        let read = async {
            let source = self.data_source(&request.type_name)?;
            let config = source.value(request.config)?;
            source.served.read(config, &mut context).await
        };
        let read = unless_stopped(stop, "read the data source", read).await;
        let (state, diagnostics) = settle(read, &mut context);
        proto::read_data_source::Response { state: state.as_ref().map(dynamic_value), diagnostics, deferred: None }
    }
}
