//! Data sources: read with a configuration that is wholly known, and never null.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::breach::Breach;
use super::failure::{Diagnostics, Failure};
use super::requests::{CAPABILITIES, decode};
use super::schema::Schema;
use super::{Core, demand, dynamic, literal, rules};

impl Core {
    /// What a data source finds, by attribute.
    #[track_caller]
    pub(crate) fn read_data(&self, type_name: &str, config: &Json) -> Json {
        self.try_read_data(type_name, config).unwrap_or_else(|failure| panic!("{failure}"))
    }

    #[track_caller]
    pub(crate) fn read_data_failing(&self, type_name: &str, config: &Json) -> Failure {
        self.try_read_data(type_name, config).expect_err("reading has to fail")
    }

    /// Core validates what it does not know yet, and then waits with the reading.
    #[track_caller]
    pub(crate) fn validate_data(&self, type_name: &str, config: &Json) {
        let schema = self.data_schema(type_name);
        let config = literal::configuration(&schema.block, config);
        self.ask_validate_data(type_name, &schema, &config).unwrap_or_else(|failure| panic!("{failure}"));
    }

    #[track_caller]
    fn try_read_data(&self, type_name: &str, config: &Json) -> Result<Json, Failure> {
        const RPC: &str = "ReadDataSource";
        let schema = self.data_schema(type_name);
        let config = literal::configuration(&schema.block, config);
        self.ask_validate_data(type_name, &schema, &config)?;
        let answer = self.ask(self.provider().read_data_source(proto::read_data_source::Request {
            type_name: type_name.to_owned(),
            config: Some(dynamic(&config)),
            provider_meta: None,
            client_capabilities: Some(CAPABILITIES),
        }));
        Diagnostics::judge(RPC, &schema.block, answer.diagnostics)?;
        let read = decode(RPC, &schema.block, answer.state.as_ref());
        let absent = (read == Value::Null).then(|| Breach::of_all("a data source that finds nothing fails", "null"));
        let breaches = absent.into_iter().chain(rules::wholly_known(&read));
        demand(RPC, breaches, &[("configuration", &config), ("read", &read)]);
        Ok(literal::json(&read))
    }

    #[track_caller]
    fn ask_validate_data(&self, type_name: &str, schema: &Schema, config: &Value) -> Result<(), Failure> {
        let request = proto::validate_data_source_config::Request {
            type_name: type_name.to_owned(),
            config: Some(dynamic(config)),
        };
        let answer = self.ask(self.provider().validate_data_source_config(request));
        Diagnostics::judge("ValidateDataSourceConfig", &schema.block, answer.diagnostics).map(drop)
    }

    fn data_schema(&self, type_name: &str) -> Schema {
        Schema::read(self.schemas().data_source_schemas.get(type_name).expect("a data source of the provider"))
    }
}
