//! One instance of a resource: what core does with it, and in which order.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::value::Value;

use super::Core;
use super::apply::Applying;
use super::failure::Failure;
use super::plan::{Action, Plan};
use super::proposed::member;
use super::requests::{ImportBy, Planned};
use super::schema::{Block, Schema};
use super::{demand, literal, rules};

/// An instance, with its state.
pub(crate) struct Instance<'core> {
    pub(super) core: &'core Core,
    pub(super) type_name: String,
    pub(super) schema: Schema,
    pub(super) identity: Option<Block>,
    pub(super) stored: Option<Stored>,
}

/// What the state file holds of an object.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) value: Value,
    pub(super) private: Vec<u8>,
    /// Null where it has none.
    pub(super) identity: Value,
    /// Its create failed half-way: it is replaced by the next apply.
    pub(super) tainted: bool,
}

impl<'core> Instance<'core> {
    pub(super) fn new(core: &'core Core, type_name: &str, schema: Schema, identity: Option<Block>) -> Self {
        Self { core, type_name: type_name.to_owned(), schema, identity, stored: None }
    }

    /// Reads the object, then plans. The object exists as before, or is found to be gone.
    #[track_caller]
    pub(crate) fn plan(&mut self, config: &Json) -> Plan {
        self.try_plan(config).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// The same, where it has to fail, in validation already or in planning.
    #[track_caller]
    pub(crate) fn plan_failing(&mut self, config: &Json) -> Failure {
        self.try_plan(config).expect_err("planning has to fail")
    }

    /// Plans with values from the state in place of those configured, as `ignore_changes` has it. Validation sees the configured ones.
    #[track_caller]
    pub(crate) fn plan_ignoring(&mut self, config: &Json, in_place: &Json) -> Plan {
        let (config, in_place) =
            (literal::configuration(self.block(), config), literal::configuration(self.block(), in_place));
        let planned =
            self.try_refresh().and_then(|()| self.ask_validate(&config)).and_then(|_| self.plan_change(&in_place));
        planned.unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Plans and applies. Afterwards nothing has drifted and nothing is left to do.
    #[track_caller]
    pub(crate) fn apply(&mut self, config: &Json) -> &mut Self {
        self.apply_once_known(config, config)
    }

    /// Plans with a configuration that has unknown values, and applies with the one that they turned out to make.
    #[track_caller]
    pub(crate) fn apply_once_known(&mut self, planned_with: &Json, config: &Json) -> &mut Self {
        let applying = self.begin_apply_once_known(planned_with, config);
        if let Some(applying) = applying.unwrap_or_else(|failure| panic!("{failure}")) {
            self.finish(applying).unwrap_or_else(|failure| panic!("{failure}"));
        }
        self.is_settled(config);
        self
    }

    /// The same, where planning or applying has to fail. The state is what core then keeps.
    #[track_caller]
    pub(crate) fn apply_failing(&mut self, config: &Json) -> Failure {
        let applying = match self.begin_apply_once_known(config, config) {
            Ok(applying) => applying.expect("something to apply"),
            Err(failure) => return failure,
        };
        self.finish(applying).expect_err("applying has to fail")
    }

    /// Plans, and applies without waiting for the end.
    #[track_caller]
    pub(crate) fn begin_apply(&mut self, config: &Json) -> Applying {
        let applying = self.begin_apply_once_known(config, config);
        applying.unwrap_or_else(|failure| panic!("{failure}")).expect("something to apply")
    }

    /// Takes over what the provider now finds.
    #[track_caller]
    pub(crate) fn refresh(&mut self) -> &mut Self {
        self.try_refresh().unwrap_or_else(|failure| panic!("{failure}"));
        self
    }

    /// The same, where it has to fail. The state stays.
    #[track_caller]
    pub(crate) fn refresh_failing(&mut self) -> Failure {
        self.try_refresh().expect_err("refreshing has to fail")
    }

    #[track_caller]
    pub(crate) fn destroy(&mut self) {
        self.try_destroy().unwrap_or_else(|failure| panic!("{failure}"));
        assert!(self.stored.is_none(), "something is left in the state");
    }

    /// Destroys without a look at the object before, as `-refresh=false` does.
    #[track_caller]
    pub(crate) fn destroy_unread(&mut self) {
        self.try_destroy_unread().unwrap_or_else(|failure| panic!("{failure}"));
        assert!(self.stored.is_none(), "something is left in the state");
    }

    /// The same, where it has to fail. The state stays.
    #[track_caller]
    pub(crate) fn destroy_unread_failing(&mut self) -> Failure {
        self.try_destroy_unread().expect_err("destroying has to fail")
    }

    /// As `destroy`, where it has to fail. The state stays.
    #[track_caller]
    pub(crate) fn destroy_failing(&mut self) -> Failure {
        self.try_destroy().expect_err("destroying has to fail")
    }

    /// Imports and reads.
    #[track_caller]
    pub(crate) fn import(&mut self, id: &str) -> &mut Self {
        self.try_import(&ImportBy::Id(id)).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(self.stored.is_some(), "what was imported does not exist");
        self
    }

    /// The same, by an identity.
    #[track_caller]
    pub(crate) fn import_identity(&mut self, identity: &Json) -> &mut Self {
        self.try_import(&ImportBy::Identity(identity)).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(self.stored.is_some(), "what was imported does not exist");
        self
    }

    #[track_caller]
    pub(crate) fn import_failing(&mut self, id: &str) -> Failure {
        self.try_import(&ImportBy::Id(id)).expect_err("importing has to fail")
    }

    #[track_caller]
    pub(crate) fn import_identity_failing(&mut self, identity: &Json) -> Failure {
        self.try_import(&ImportBy::Identity(identity)).expect_err("importing has to fail")
    }

    /// The identity that the state holds; null where it holds none.
    pub(crate) fn identity(&self) -> Json {
        literal::json(&self.prior_identity())
    }

    /// An attribute in the state; null where nothing is.
    pub(crate) fn value(&self, attribute: &str) -> Json {
        literal::json(&member(&self.prior(), attribute))
    }

    pub(crate) fn exists(&self) -> bool {
        self.stored.is_some()
    }

    pub(crate) fn is_tainted(&self) -> bool {
        self.stored.as_ref().is_some_and(|stored| stored.tainted)
    }

    pub(crate) fn block(&self) -> &Block {
        &self.schema.block
    }

    pub(super) fn prior(&self) -> Value {
        self.stored.as_ref().map_or(Value::Null, |stored| stored.value.clone())
    }

    pub(super) fn prior_identity(&self) -> Value {
        self.stored.as_ref().map_or(Value::Null, |stored| stored.identity.clone())
    }

    fn private(&self) -> Vec<u8> {
        self.stored.as_ref().map(|stored| stored.private.clone()).unwrap_or_default()
    }

    /// A second refresh right after an apply finds what the apply said, and a second plan finds nothing to do.
    #[track_caller]
    fn is_settled(&mut self, config: &Json) {
        let applied = self.prior();
        self.refresh();
        demand(
            "ReadResource right after an apply",
            rules::compatible(&applied, &self.prior()),
            &[("applied", &applied)],
        );
        self.plan(config).is_noop();
    }

    #[track_caller]
    fn try_refresh(&mut self) -> Result<(), Failure> {
        let Some(stored) = self.stored.take() else { return Ok(()) };
        self.stored = Some(stored.clone());
        self.ask_upgrade(&stored)?;
        self.stored = self.ask_read(&stored)?;
        Ok(())
    }

    #[track_caller]
    fn try_plan(&mut self, config: &Json) -> Result<Plan, Failure> {
        let config = literal::configuration(self.block(), config);
        self.try_refresh()?;
        self.ask_validate(&config)?;
        self.plan_change(&config)
    }

    /// What core makes of the answers to a plan.
    #[track_caller]
    fn plan_change(&self, config: &Value) -> Result<Plan, Failure> {
        let prior = self.prior();
        let accepted = |action, planned: Planned| Plan {
            action,
            block: self.block().clone(),
            prior: prior.clone(),
            planned: planned.value,
            private: planned.private,
            replacing: planned.replacing,
            said: planned.said,
        };
        if prior == Value::Null || self.is_tainted() {
            let planned = self.ask_plan(&Value::Null, &[], config)?;
            let action = if self.is_tainted() { Action::Replace } else { Action::Create };
            return Ok(accepted(action, planned));
        }
        let planned = self.ask_plan(&prior, &self.private(), config)?;
        if planned.value == prior {
            return Ok(accepted(Action::NoOp, planned));
        }
        if planned.replacing.is_empty() {
            return Ok(accepted(Action::Update, planned));
        }
        // The replacement is planned as a new object, with what the first answer wanted to be remembered.
        let anew = self.ask_plan(&Value::Null, &planned.private, config)?;
        Ok(accepted(Action::Replace, Planned { replacing: planned.replacing, ..anew }))
    }

    /// Plans as `plan` does, then everything that `apply` does up to the last request, which is sent. Nothing is sent where
    /// the values that became known left nothing to do.
    #[track_caller]
    fn begin_apply_once_known(&mut self, planned_with: &Json, config: &Json) -> Result<Option<Applying>, Failure> {
        let plan = self.try_plan(planned_with)?;
        let config = literal::configuration(self.block(), config);
        if plan.action == Action::Replace {
            let deleting = self.send_apply(&self.prior(), Planned::destroy(plan.private.clone()), &Value::Null);
            self.finish(deleting)?;
        }
        if let Some(stored) = &self.stored {
            self.ask_upgrade(stored)?;
        }
        self.ask_validate(&config)?;
        let prior = self.prior();
        let last = self.ask_plan(&prior, &self.private(), &config)?;
        let values = [("planned first", &plan.planned), ("planned last", &last.value)];
        demand("PlanResourceChange during the apply", rules::compatible(&plan.planned, &last.value), &values);
        Ok((last.value != prior).then(|| self.send_apply(&prior, last, &config)))
    }

    #[track_caller]
    fn try_destroy(&mut self) -> Result<(), Failure> {
        self.try_refresh()?;
        self.try_destroy_unread()
    }

    #[track_caller]
    fn try_destroy_unread(&mut self) -> Result<(), Failure> {
        if self.stored.is_none() {
            return Ok(());
        }
        let capabilities = self.core.schemas().server_capabilities;
        let planned = if capabilities.is_some_and(|server| server.plan_destroy) {
            self.ask_plan(&self.prior(), &self.private(), &Value::Null)?
        } else {
            Planned::destroy(self.private())
        };
        let deleting = self.send_apply(&self.prior(), planned, &Value::Null);
        self.finish(deleting)
    }

    #[track_caller]
    fn try_import(&mut self, by: &ImportBy<'_>) -> Result<(), Failure> {
        let imported = self.ask_import(by)?;
        self.ask_upgrade(&imported)?;
        self.stored = self.ask_read(&imported)?;
        Ok(())
    }
}
