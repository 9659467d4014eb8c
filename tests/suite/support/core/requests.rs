//! Each request about an instance, and its answer held against the rules.

use serde_json::Value as Json;
use terraform_provider_incus::tfplugin::path::Path;
use terraform_provider_incus::tfplugin::value::Value;
use terraform_provider_incus::tfplugin::wire::proto::tfplugin5 as proto;

use super::breach::Breach;
use super::failure::{Diagnostics, Failure};
use super::instance::{Instance, Stored};
use super::proposed::proposed_new;
use super::schema::{Block, read_path};
use super::{demand, dynamic, literal, rules};

/// The answer to a plan that has no error.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) value: Value,
    pub(super) private: Vec<u8>,
    pub(super) identity: Value,
    pub(super) replacing: Vec<Path>,
    pub(super) said: Diagnostics,
}

impl Planned {
    /// A destroy, with the notes that the answer to its plan has.
    pub(super) fn destroy(private: Vec<u8>) -> Self {
        let said = Diagnostics::default();
        Self { value: Value::Null, private, identity: Value::Null, replacing: Vec::new(), said }
    }
}

/// What names the object of an import.
pub(super) enum ImportBy<'a> {
    Id(&'a str),
    Identity(&'a Json),
}

/// What every client of today says of itself.
pub(super) const CAPABILITIES: proto::ClientCapabilities =
    proto::ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };

impl Instance<'_> {
    #[track_caller]
    pub(super) fn ask_validate(&self, config: &Value) -> Result<(), Failure> {
        let answer = self.core.ask(self.core.provider().validate_resource_type_config(
            proto::validate_resource_type_config::Request {
                type_name: self.type_name.clone(),
                config: Some(dynamic(config)),
                client_capabilities: Some(CAPABILITIES),
            },
        ));
        Diagnostics::judge("ValidateResourceTypeConfig", self.block(), answer.diagnostics).map(drop)
    }

    /// The first thing that happens to a stored state, also when it is current.
    #[track_caller]
    pub(super) fn ask_upgrade(&self, stored: &Stored) -> Result<(), Failure> {
        const RPC: &str = "UpgradeResourceState";
        let raw_state =
            proto::RawState { json: literal::json(&stored.value).to_string().into_bytes(), ..Default::default() };
        let answer =
            self.core.ask(self.core.provider().upgrade_resource_state(proto::upgrade_resource_state::Request {
                type_name: self.type_name.clone(),
                version: self.schema.version,
                raw_state: Some(raw_state),
            }));
        Diagnostics::judge(RPC, self.block(), answer.diagnostics)?;
        let upgraded = decode(RPC, self.block(), answer.upgraded_state.as_ref());
        demand(RPC, rules::round_trip(&stored.value, &upgraded), &[]);
        Ok(())
    }

    /// The object as it is now, if it still is.
    #[track_caller]
    pub(super) fn ask_read(&self, stored: &Stored) -> Result<Option<Stored>, Failure> {
        const RPC: &str = "ReadResource";
        let answer = self.core.ask(self.core.provider().read_resource(proto::read_resource::Request {
            type_name: self.type_name.clone(),
            current_state: Some(dynamic(&stored.value)),
            private: stored.private.clone(),
            client_capabilities: Some(CAPABILITIES),
            current_identity: identity_data(&stored.identity),
            ..Default::default()
        }));
        let judged = Diagnostics::judge(RPC, self.block(), answer.diagnostics);
        let identity = self.decode_identity(RPC, answer.new_identity.as_ref());
        if judged.is_err() {
            let kept = (&answer.private, &identity) == (&stored.private, &stored.identity);
            let lost = || Breach::of_all("a failed read sends everything back", format!("{identity:?} is left"));
            demand(RPC, (!kept).then(lost), &[("before", &stored.value)]);
        }
        judged?;
        let value = decode(RPC, self.block(), answer.new_state.as_ref());
        let breaches = rules::wholly_known(&value).into_iter();
        let breaches = breaches.chain(rules::private_kept(&stored.private, &value, &answer.private));
        let breaches = breaches.chain(rules::identified(self.identity.as_ref(), &value, &identity));
        let breaches = breaches.chain(rules::not_deferred(answer.deferred));
        demand(RPC, breaches, &[("before", &stored.value), ("read", &value)]);
        let read = Stored { value, private: answer.private, identity, tainted: stored.tainted };
        Ok((read.value != Value::Null).then_some(read))
    }

    /// Plans twice: the answer depends on nothing but the question. A null configuration plans a destroy.
    #[track_caller]
    pub(super) fn ask_plan(&self, prior: &Value, private: &[u8], config: &Value) -> Result<Planned, Failure> {
        const RPC: &str = "PlanResourceChange";
        let proposed = match config {
            Value::Null => Value::Null,
            config => proposed_new(self.block(), prior, config),
        };
        let prior_identity = if *prior == Value::Null { Value::Null } else { self.prior_identity() };
        let request = proto::plan_resource_change::Request {
            type_name: self.type_name.clone(),
            prior_state: Some(dynamic(prior)),
            proposed_new_state: Some(dynamic(&proposed)),
            config: Some(dynamic(config)),
            prior_private: private.to_vec(),
            prior_identity: identity_data(&prior_identity),
            client_capabilities: Some(CAPABILITIES),
            ..Default::default()
        };
        let answer = self.core.ask(self.core.provider().plan_resource_change(request.clone()));
        let again = self.core.ask(self.core.provider().plan_resource_change(request));
        let said = Diagnostics::judge(RPC, self.block(), answer.diagnostics.clone())?;
        let value = decode(RPC, self.block(), answer.planned_state.as_ref());
        let repeated = decode(RPC, self.block(), again.planned_state.as_ref());

        let paths: Vec<_> = answer.requires_replace.iter().map(read_path).collect();
        let replacing: Vec<_> = paths.iter().flatten().cloned().collect();
        let mut breaches = rules::planned(self.block(), prior, config, &value);
        if paths.len() != replacing.len() {
            breaches.push(Breach::of_all("each step of a path says where", format!("{:?}", answer.requires_replace)));
        }
        if *prior != Value::Null {
            breaches.extend(rules::replacing(self.block(), prior, &value, &replacing));
        }
        if value != repeated
            || (&answer.planned_private, &answer.requires_replace) != (&again.planned_private, &again.requires_replace)
        {
            let detail = format!("the second time {}", literal::json(&repeated));
            breaches.push(Breach::of_all("planning again gives the same", detail));
        }
        if answer.legacy_type_system {
            breaches.push(Breach::of_all("the rules are not waived", "legacy_type_system is set"));
        }
        breaches.extend(rules::private_kept(private, &value, &answer.planned_private));
        let identity = self.decode_identity(RPC, answer.planned_identity.as_ref());
        let is_update = *prior != Value::Null && value != Value::Null && replacing.is_empty();
        breaches.extend(rules::planned_identity(&prior_identity, is_update, &identity));
        breaches.extend(rules::not_deferred(answer.deferred));
        demand(
            RPC,
            breaches,
            &[("prior", prior), ("configuration", config), ("proposed", &proposed), ("planned", &value)],
        );
        Ok(Planned { value, private: answer.planned_private, identity, replacing, said })
    }

    #[track_caller]
    pub(super) fn ask_import(&self, by: &ImportBy<'_>) -> Result<Stored, Failure> {
        const RPC: &str = "ImportResourceState";
        let (id, identity) = match by {
            ImportBy::Id(id) => ((*id).to_owned(), None),
            ImportBy::Identity(identity) => {
                let block = self.identity.as_ref().expect("a type with an identity schema");
                (String::new(), identity_data(&literal::object(block, identity)))
            }
        };
        let answer = self.core.ask(self.core.provider().import_resource_state(proto::import_resource_state::Request {
            type_name: self.type_name.clone(),
            id,
            client_capabilities: Some(CAPABILITIES),
            identity,
        }));
        Diagnostics::judge(RPC, self.block(), answer.diagnostics)?;
        let [imported] = &answer.imported_resources[..] else {
            panic!("an import brings one object, not {}", answer.imported_resources.len());
        };
        assert_eq!(imported.type_name, self.type_name, "an import brings an object of the type that was asked for");
        let value = decode(RPC, self.block(), imported.state.as_ref());
        let absent = (value == Value::Null).then(|| Breach::of_all("an import brings an object", "null"));
        let breaches = absent.into_iter().chain(rules::wholly_known(&value));
        let identity = self.decode_identity(RPC, imported.identity.as_ref());
        let breaches = breaches.chain(rules::identified(self.identity.as_ref(), &value, &identity));
        let breaches = breaches.chain(rules::not_deferred(answer.deferred));
        demand(RPC, breaches, &[("imported", &value)]);
        Ok(Stored { value, private: imported.private.clone(), identity, tainted: false })
    }

    #[track_caller]
    pub(super) fn decode_identity(&self, rpc: &str, identity: Option<&proto::ResourceIdentityData>) -> Value {
        rules::identity(self.identity.as_ref(), identity).unwrap_or_else(|breaches| {
            demand(rpc, breaches, &[]);
            Value::Null
        })
    }
}

#[track_caller]
pub(super) fn decode(rpc: &str, block: &Block, value: Option<&proto::DynamicValue>) -> Value {
    rules::decoded(block, value).unwrap_or_else(|breaches| {
        demand(rpc, breaches, &[]);
        Value::Null
    })
}

/// As it is sent; none at all where it is null.
pub(super) fn identity_data(identity: &Value) -> Option<proto::ResourceIdentityData> {
    (*identity != Value::Null).then(|| proto::ResourceIdentityData { identity_data: Some(dynamic(identity)) })
}
