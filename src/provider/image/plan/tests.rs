//! Planning, case by case, and the rules that hold for each case.
#![allow(clippy::unwrap_used)]

use crate::provider::image::notes::{Fate, Origin, Superseded};
use std::collections::BTreeMap;

use super::super::model::UpdateSourceModel;
use super::*;
use crate::tfplugin::attr::Set;
use crate::tfplugin::diagnostic::Severity;

const OLD: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
const NEW: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

fn place() -> Place {
    Place { remote: "local".into(), project: "default".into() }
}

fn facts(source: SourceFact) -> Facts {
    Facts { place: place(), source, upstream: None }
}

fn files(digits: &str) -> Facts {
    facts(SourceFact::Files(Fingerprint::parse(digits).unwrap()))
}

fn properties(pairs: &[(&str, &str)]) -> Attr<BTreeMap<String, Attr<String>>> {
    Attr::Known(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect())
}

/// A configuration with a file as source.
fn from_file() -> ImageModel {
    ImageModel { alias: "tiny".into(), source: "tiny.tar.gz".into(), ..ImageModel::default() }
}

/// A configuration with an image of a remote as source.
fn from_remote() -> ImageModel {
    ImageModel { source: "images:tiny".into(), ..from_file() }
}

/// What the server holds after `config` was applied.
fn applied(config: &ImageModel) -> ImageModel {
    ImageModel {
        remote: "local".into(),
        project: "default".into(),
        fingerprint: OLD.into(),
        vm: Attr::Known(false),
        architecture: "x86_64".into(),
        properties: properties(&[("os", "Tiny")]),
        public: Attr::Known(false),
        auto_update: Attr::Known(false),
        profiles: Attr::Known(Set::from_iter(["default".to_owned()])),
        expires_at: "never".into(),
        alias_conflict: "error".into(),
        mode: "pull".into(),
        copy_aliases: config.copy_aliases.clone().or_else(|| Attr::Known(false)),
        copied_aliases: Attr::Known(Set::default()),
        refresh: config.refresh.clone().or_else(|| Attr::Known(false)),
        adopt_existing: Attr::Known(false),
        id: Attr::Known(format!("local:default/{OLD}")),
        all_aliases: Attr::Known(Vec::new()),
        r#type: "container".into(),
        size: Attr::Known(386),
        filename: "tiny.tar.gz".into(),
        cached: Attr::Known(false),
        created_at: "2023-11-14T22:13:20Z".into(),
        uploaded_at: "2026-01-01T00:00:00Z".into(),
        update_source: Attr::<UpdateSourceModel>::Null,
        ..config.clone()
    }
}

/// What core proposes: the configuration, and prior values where it sets nothing and the provider may.
fn proposed(prior: &ImageModel, config: &ImageModel) -> ImageModel {
    let kept = |configured: &Attr<String>, prior: &Attr<String>| configured.clone().or_else(|| prior.clone());
    ImageModel {
        alias: kept(&config.alias, &prior.alias),
        aliases: config.aliases.clone(),
        extra_properties: config.extra_properties.clone(),
        source: kept(&config.source, &prior.source),
        rootfs: config.rootfs.clone(),
        source_project: config.source_project.clone(),
        source_instance: config.source_instance.clone(),
        triggers: config.triggers.clone(),
        compression: config.compression.clone(),
        architecture: kept(&config.architecture, &prior.architecture),
        expires_at: kept(&config.expires_at, &prior.expires_at),
        properties: config.properties.clone().or_else(|| prior.properties.clone()),
        profiles: config.profiles.clone().or_else(|| prior.profiles.clone()),
        ..prior.clone()
    }
}

fn notes(origin: Origin) -> Notes {
    Notes { origin, ..Notes::default() }
}

fn changed_from(origin: Origin, prior: &ImageModel, config: &ImageModel, facts: &Facts) -> ImagePlan {
    change(prior, &notes(origin), config, &proposed(prior, config), facts).unwrap()
}

fn changed(prior: &ImageModel, config: &ImageModel, facts: &Facts) -> ImagePlan {
    changed_from(Origin::Created, prior, config, facts)
}

/// Asserts that other content is planned, and that nothing is said about it that only the apply can know.
#[track_caller]
fn swaps(plan: &ImagePlan) {
    assert_ne!(plan.planned.fingerprint, OLD.into());
    assert_eq!((&plan.planned.size, &plan.planned.uploaded_at), (&Attr::Unknown, &Attr::Unknown));
}

#[track_caller]
fn keeps(plan: &ImagePlan) {
    assert_eq!(plan.planned.fingerprint, OLD.into());
    assert_eq!(plan.planned.uploaded_at, "2026-01-01T00:00:00Z".into());
}

#[test]
fn nothing_to_do_is_the_prior_state_to_the_letter() {
    for (config, facts) in [(from_file(), files(OLD)), (from_remote(), facts(SourceFact::OneOfSeveral))] {
        let prior = applied(&config);
        let plan = changed(&prior, &config, &facts);
        assert_eq!(plan, ImagePlan { planned: prior, warnings: vec![] });
    }
}

#[test]
fn the_content_of_a_file_is_known_before_it_is_uploaded() {
    let plan = create(&from_file(), &files(NEW)).unwrap();
    assert_eq!(plan.planned.fingerprint, NEW.into());
    assert_eq!(plan.planned.id, Attr::Known(format!("local:default/{NEW}")));
    assert_eq!(plan.planned.size, Attr::Unknown);
}

#[test]
fn the_content_of_a_remote_is_known_when_pinned() {
    let unpinned = create(&from_remote(), &facts(SourceFact::OneOfSeveral)).unwrap().planned;
    assert_eq!((unpinned.fingerprint, unpinned.id), (Attr::Unknown, Attr::Unknown));
    let pinned = ImageModel { fingerprint: NEW.into(), ..from_remote() };
    assert_eq!(create(&pinned, &facts(SourceFact::OneOfSeveral)).unwrap().planned.fingerprint, NEW.into());
}

#[test]
fn defaults_are_planned_and_settings_of_the_image_are_unknown() {
    let planned = create(&from_file(), &files(NEW)).unwrap().planned;
    assert_eq!(
        (planned.public, planned.auto_update, planned.vm),
        (Attr::Known(false), Attr::Known(false), Attr::Known(false))
    );
    assert_eq!((planned.remote, planned.project), ("local".into(), "default".into()));
    assert!(planned.properties.is_unknown() && planned.profiles.is_unknown() && planned.expires_at.is_unknown());
}

#[test]
fn a_file_must_be_the_pinned_one() {
    let pinned = ImageModel { fingerprint: OLD.into(), ..from_file() };
    let error = create(&pinned, &files(NEW)).unwrap_err();
    assert_eq!(error.path, Path::attribute("fingerprint"));
    assert!(error.detail.contains(NEW), "{error:?}");
}

#[test]
fn an_image_that_is_the_pinned_one_stays_whatever_its_files_have_become() {
    let pinned = ImageModel { fingerprint: OLD.into(), ..from_file() };
    let prior = applied(&pinned);
    let plan = change(&prior, &notes(Origin::Created), &pinned, &proposed(&prior, &pinned), &files(NEW)).unwrap();
    assert_eq!(plan.planned, prior);
    assert!(matches!(plan.warnings.as_slice(), [warning] if warning.detail.contains(NEW)), "{:?}", plan.warnings);
}

#[test]
fn an_image_is_the_same_under_its_name_with_the_architecture() {
    let prior = ImageModel { source: "images:tiny/amd64".into(), ..applied(&from_remote()) };
    let some = facts(SourceFact::OneOfSeveral);
    assert!(changed_from(Origin::Imported, &prior, &from_remote(), &some).planned.fingerprint == OLD.into());
    let other = ImageModel { source: "images:tiny/arm64".into(), ..from_remote() };
    assert!(changed_from(Origin::Imported, &prior, &other, &some).planned.fingerprint.is_unknown());
    let single = facts(SourceFact::Single);
    assert!(changed_from(Origin::Imported, &prior, &from_remote(), &single).planned.fingerprint.is_unknown());
}

#[test]
fn a_source_that_is_not_configured_stays_where_an_import_has_filled_it_in() {
    let config = ImageModel { source: Attr::Null, ..from_remote() };
    let prior = ImageModel { vm: Attr::Known(true), ..applied(&from_remote()) };
    assert_eq!(changed_from(Origin::Imported, &prior, &config, &facts(SourceFact::Nothing)).planned, prior);
    let planned = changed_from(Origin::Created, &prior, &config, &facts(SourceFact::Nothing)).planned;
    assert!(planned.source.is_null() && planned.fingerprint == OLD.into());
    let instance = ImageModel { source_instance: "web".into(), ..config };
    let planned = changed_from(Origin::Imported, &prior, &instance, &facts(SourceFact::Single)).planned;
    assert!(planned.source.is_null() && planned.fingerprint.is_unknown());
}

#[test]
fn triggers_and_another_instance_ask_for_new_content() {
    let trigger = |value: &str| Attr::Known([("version".to_owned(), value.into())].into());
    let config = ImageModel { source: Attr::Null, source_instance: "web".into(), ..from_remote() };
    let prior = applied(&config);
    let single = facts(SourceFact::Single);
    let same = |prior: &ImageModel, config: &ImageModel| {
        changed_from(Origin::Created, prior, config, &single).planned.fingerprint == OLD.into()
    };
    assert!(same(&prior, &ImageModel { compression: "none".into(), ..config.clone() }), "it counts for the next time");
    let triggered = ImageModel { triggers: trigger("1"), ..config.clone() };
    assert!(same(&prior, &triggered), "it is only recorded");
    let prior = applied(&triggered);
    assert!(same(&prior, &triggered) && same(&prior, &config));
    assert!(!same(&prior, &ImageModel { triggers: trigger("2"), ..config.clone() }));
    assert!(!same(&prior, &ImageModel { source_instance: "web/s0".into(), ..triggered.clone() }));
    assert!(same(&prior, &ImageModel { source_project: "default".into(), ..triggered.clone() }), "where it is anyway");
    assert!(!same(&prior, &ImageModel { source_project: "build".into(), ..triggered }));
}

#[test]
fn an_image_without_a_source_keeps_what_it_has() {
    let config = ImageModel { source: Attr::Null, ..from_file() };
    let planned = create(&config, &facts(SourceFact::Nothing)).unwrap().planned;
    assert!(planned.fingerprint.is_unknown() && planned.public.is_unknown() && planned.auto_update.is_unknown());
    let prior = ImageModel { public: Attr::Known(true), ..applied(&config) };
    assert_eq!(changed_from(Origin::Adopted, &prior, &config, &facts(SourceFact::Nothing)).planned, prior);

    let pinned = ImageModel { fingerprint: NEW.into(), ..config };
    let error =
        change(&prior, &notes(Origin::Adopted), &pinned, &proposed(&prior, &pinned), &facts(SourceFact::Nothing));
    assert!(error.unwrap_err().detail.contains("Add `source`"));
}

#[test]
fn other_content_of_a_file_is_planned() {
    let config = from_file();
    let plan = changed(&applied(&config), &config, &files(NEW));
    assert_eq!((plan.planned.fingerprint.clone(), plan.planned.size.clone()), (NEW.into(), Attr::Unknown));
    swaps(&plan);
}

#[test]
fn the_same_content_from_elsewhere_is_recorded() {
    let (old, moved) = (from_file(), ImageModel { source: "elsewhere.tar.gz".into(), ..from_file() });
    let plan = changed(&applied(&old), &moved, &files(OLD));
    assert_eq!(plan.planned, applied(&moved));
    keeps(&plan);
}

#[test]
fn another_name_on_a_remote_may_be_other_content() {
    let other = ImageModel { source: "images:other".into(), ..from_remote() };
    let plan = changed(&applied(&from_remote()), &other, &facts(SourceFact::OneOfSeveral));
    assert!(plan.planned.fingerprint.is_unknown());
    swaps(&plan);
    let pinned = ImageModel { fingerprint: OLD.into(), ..other };
    keeps(&changed(&applied(&from_remote()), &pinned, &facts(SourceFact::OneOfSeveral)));
}

#[test]
fn what_selects_another_image_is_other_content() {
    let prior = applied(&from_remote());
    let machine = ImageModel { vm: Attr::Known(true), ..from_remote() };
    swaps(&changed(&prior, &machine, &facts(SourceFact::OneOfSeveral)));
    let arm = ImageModel { architecture: "arm64".into(), ..from_remote() };
    swaps(&changed(&prior, &arm, &facts(SourceFact::OneOfSeveral)));
    let pinned = ImageModel { fingerprint: NEW.into(), ..from_remote() };
    swaps(&changed(&prior, &pinned, &facts(SourceFact::OneOfSeveral)));
}

#[test]
fn another_spelling_is_no_change() {
    let prior = ImageModel { expires_at: "2030-12-31T23:00:00Z".into(), ..applied(&from_remote()) };
    let config =
        ImageModel { architecture: "amd64".into(), expires_at: "2031-01-01T00:00:00+01:00".into(), ..from_remote() };
    assert_eq!(changed(&prior, &config, &facts(SourceFact::OneOfSeveral)).planned, prior);
}

#[test]
fn an_architecture_that_does_not_fit_is_warned_of() {
    let config = ImageModel { architecture: "arm64".into(), ..from_file() };
    let plan = changed(&applied(&from_file()), &config, &files(OLD));
    let warnings: Vec<_> = plan.warnings.iter().map(|warning| (warning.severity, warning.path.clone())).collect();
    assert_eq!(warnings, [(Severity::Warning, Path::attribute("architecture"))]);
    assert_eq!((plan.planned.fingerprint, plan.planned.architecture), (OLD.into(), "arm64".into()));
}

#[test]
fn a_source_for_an_imported_image_is_recorded_unless_it_differs() {
    let imported = ImageModel { source: Attr::Null, ..applied(&from_remote()) };
    let plan = changed_from(Origin::Imported, &imported, &from_remote(), &facts(SourceFact::OneOfSeveral));
    assert_eq!(plan.planned, applied(&from_remote()));
    keeps(&plan);
    keeps(&changed_from(Origin::Imported, &imported, &from_file(), &files(OLD)));
    swaps(&changed_from(Origin::Imported, &imported, &from_file(), &files(NEW)));
}

#[test]
fn a_missing_file_means_unchanged_content() {
    let missing = || facts(SourceFact::Missing("tiny.tar.gz".into()));
    let (config, prior) = (from_file(), applied(&from_file()));
    assert_eq!(changed(&prior, &config, &missing()), ImagePlan { planned: prior.clone(), warnings: vec![] });
    let elsewhere = ImageModel { source: "other.tar.gz".into(), ..from_file() };
    let plan = changed(&prior, &elsewhere, &missing());
    swaps(&plan);
    assert_eq!(plan.warnings.len(), 1);
    assert_eq!(create(&config, &missing()).unwrap().warnings.len(), 1);
}

#[test]
fn switches_go_back_to_off_unless_the_image_was_imported() {
    let config = from_remote();
    let prior = ImageModel { public: Attr::Known(true), auto_update: Attr::Known(true), ..applied(&config) };
    let ours = changed_from(Origin::Created, &prior, &config, &facts(SourceFact::OneOfSeveral)).planned;
    assert_eq!((ours.public, ours.auto_update), (Attr::Known(false), Attr::Known(false)));
    assert_eq!(changed_from(Origin::Imported, &prior, &config, &facts(SourceFact::OneOfSeveral)).planned, prior);
}

#[test]
fn properties_are_what_is_configured_or_stay() {
    let config = ImageModel { properties: properties(&[("stage", "test")]), ..from_remote() };
    let plan = changed(&applied(&from_remote()), &config, &facts(SourceFact::OneOfSeveral)).planned;
    assert_eq!(plan.properties, properties(&[("stage", "test")]));
    let removed = changed(&applied(&config), &from_remote(), &facts(SourceFact::OneOfSeveral)).planned;
    assert_eq!(removed, applied(&config));
}

#[test]
fn other_names_change_the_list_of_all_names_and_nothing_else() {
    let config = ImageModel { aliases: Attr::Known(Set::from_iter(["more".to_owned()])), ..from_remote() };
    let plan = changed(&applied(&from_remote()), &config, &facts(SourceFact::OneOfSeveral));
    assert_eq!(plan.planned, ImageModel { all_aliases: Attr::Unknown, ..applied(&config) });
}

#[test]
fn an_unknown_source_of_a_managed_image_may_be_anything() {
    let config = ImageModel { source: Attr::Unknown, ..from_remote() };
    let plan = changed(&applied(&from_remote()), &config, &facts(SourceFact::Nothing));
    assert!(plan.planned.fingerprint.is_unknown() && plan.planned.source.is_unknown());
}

#[test]
fn extra_properties_cover_the_own_ones_which_come_back() {
    let with = |extra| ImageModel { extra_properties: extra, ..from_remote() };
    let own = applied(&from_remote());
    let covered = with(properties(&[("os", "Mine"), ("stage", "test")]));
    let plan = changed(&own, &covered, &facts(SourceFact::OneOfSeveral)).planned;
    assert_eq!(plan.properties, properties(&[("os", "Mine"), ("stage", "test")]));

    let originals = [("os".to_owned(), Some("Tiny".to_owned())), ("stage".to_owned(), None)].into();
    let notes = Notes { originals, ..notes(Origin::Created) };
    let prior = ImageModel { properties: plan.properties, ..applied(&covered) };
    let plan = |config: &ImageModel| {
        change(&prior, &notes, config, &proposed(&prior, config), &facts(SourceFact::OneOfSeveral)).unwrap().planned
    };
    assert_eq!(plan(&covered), prior);
    assert_eq!(plan(&from_remote()).properties, own.properties);
    let unknown = with(Attr::Known([("stage".to_owned(), Attr::Unknown)].into()));
    let expected = [("os".to_owned(), "Tiny".into()), ("stage".to_owned(), Attr::Unknown)];
    assert_eq!(plan(&unknown).properties, Attr::Known(expected.into()));
    assert_eq!(plan(&with(Attr::Unknown)).properties, Attr::Unknown);
}

#[test]
fn an_old_image_that_is_left_calls_for_an_apply() {
    let config = from_remote();
    let prior = applied(&config);
    for (fate, said) in [(Fate::Goes, "Applying removes it."), (Fate::Stays, "edge. Applying deletes them;")] {
        let old = Superseded { fingerprint: NEW.to_owned(), names: ["edge".to_owned()].into(), fate };
        let notes = Notes { superseded: vec![old], ..notes(Origin::Created) };
        let plan =
            change(&prior, &notes, &config, &proposed(&prior, &config), &facts(SourceFact::OneOfSeveral)).unwrap();
        assert_eq!(plan.planned, ImageModel { all_aliases: Attr::Unknown, ..prior.clone() });
        assert!(
            matches!(plan.warnings.as_slice(), [warning] if warning.summary.contains(NEW) && warning.detail.contains(said)),
            "{:?}",
            plan.warnings
        );
    }
}

#[test]
fn the_server_must_know_what_to_follow() {
    let config = ImageModel { auto_update: Attr::Known(true), ..from_remote() };
    let plan = changed(&applied(&from_remote()), &config, &facts(SourceFact::OneOfSeveral));
    assert!(
        matches!(plan.warnings.as_slice(), [warning] if warning.detail.contains("-replace")),
        "{:?}",
        plan.warnings
    );
    let followed = ImageModel { update_source: Attr::Known(UpdateSourceModel::default()), ..applied(&from_remote()) };
    assert_eq!(changed(&followed, &config, &facts(SourceFact::OneOfSeveral)).warnings, []);
}

#[test]
fn newer_content_is_swapped_in_where_it_is_looked_after() {
    let config = ImageModel { refresh: Attr::Known(true), ..from_remote() };
    let prior = applied(&config);
    let upstream =
        |digits: &str| Facts { upstream: Fingerprint::parse(digits).ok(), ..facts(SourceFact::OneOfSeveral) };
    swaps(&changed(&prior, &config, &upstream(NEW)));
    keeps(&changed(&prior, &config, &upstream(OLD)));
    keeps(&changed(&applied(&from_remote()), &from_remote(), &upstream(NEW)));
}
