//! Planning an export, as a pure function. Where nothing changes, the answer is the prior state to the letter.

use super::model::{ExportModel, ExportedFileModel};
use super::notes::{Notes, WrittenFile};
use crate::incus::architecture;
use crate::provider::connections::Place;
use crate::tfplugin::attr::Attr;

/// Plans an export that is to be made.
pub(super) fn create(config: &ExportModel, place: Place) -> ExportModel {
    with_unknown_results(config, with_defaults(config.clone(), config, place))
}

/// Plans an export that is there.
pub(super) fn change(
    prior: &ExportModel,
    notes: &Notes,
    config: &ExportModel,
    proposed: &ExportModel,
    place: Place,
) -> ExportModel {
    let planned = with_defaults(proposed.clone(), config, place);
    if !is_same_image(prior, notes, config) {
        return with_unknown_results(config, planned);
    }
    let architecture = match (prior.architecture.known(), config.architecture.known()) {
        (Some(_), Some(_)) => config.architecture.clone(),
        _ => compared(&prior.architecture),
    };
    let is_whole = prior.files == Attr::Known(files(&notes.written));
    // What is missing or changed is written again, from this very image.
    let files = if is_whole { prior.files.clone() } else { Attr::Unknown };
    ExportModel {
        fingerprint: prior.fingerprint.clone(),
        architecture,
        r#type: compared(&prior.r#type),
        files,
        ..planned
    }
}

/// What the files do not tell: after an import they have been compared with no image yet.
fn compared(prior: &Attr<String>) -> Attr<String> {
    prior.clone().or_else(|| Attr::Unknown)
}

/// Whether the export is of the image that is asked for, as far as a refresh has seen.
fn is_same_image(prior: &ExportModel, notes: &Notes, config: &ExportModel) -> bool {
    let is_for = match (&config.architecture, &prior.architecture) {
        (Attr::Known(wanted), Attr::Known(is)) => architecture::same(wanted, is),
        (wanted, _) => wanted.is_null(),
    };
    let is_meant = match &config.fingerprint {
        Attr::Null => {
            let has_moved = prior.fingerprint.known().zip(notes.upstream.as_ref()).is_some_and(|(is, now)| is != now);
            config.alias == prior.alias && !has_moved
        }
        pinned => *pinned == prior.fingerprint,
    };
    let vm = config.vm.clone().or_else(|| Attr::Known(false));
    is_for && is_meant && vm == prior.vm
}

fn with_defaults(planned: ExportModel, config: &ExportModel, place: Place) -> ExportModel {
    let off = || Attr::Known(false);
    ExportModel {
        remote: place.remote,
        project: place.project,
        vm: config.vm.clone().or_else(off),
        overwrite: config.overwrite.clone().or_else(off),
        keep_on_destroy: config.keep_on_destroy.clone().or_else(off),
        ..planned
    }
}

fn with_unknown_results(config: &ExportModel, planned: ExportModel) -> ExportModel {
    ExportModel {
        // The image behind an alias may be another one by the time of the apply.
        fingerprint: config.fingerprint.clone().or_else(|| Attr::Unknown),
        architecture: config.architecture.clone().or_else(|| Attr::Unknown),
        files: Attr::Unknown,
        r#type: Attr::Unknown,
        size: Attr::Unknown,
        ..planned
    }
}

/// What users see of written files.
pub(super) fn files(written: &[WrittenFile]) -> Vec<ExportedFileModel> {
    written.iter().map(WrittenFile::model).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::image::notes::FileStamp;

    fn place() -> Place {
        Place { remote: "local".into(), project: "default".into() }
    }

    fn notes() -> Notes {
        let stamp = FileStamp { path: "a.tar".into(), size: 3, modified: 1 };
        Notes { written: vec![WrittenFile { stamp, sha256: "ab".to_owned() }], ..Notes::default() }
    }

    fn config() -> ExportModel {
        ExportModel { alias: "alpine".into(), path: "a.tar".into(), ..ExportModel::default() }
    }

    fn prior() -> ExportModel {
        ExportModel {
            fingerprint: "ab".into(),
            architecture: "x86_64".into(),
            files: Attr::Known(files(&notes().written)),
            r#type: "container".into(),
            size: Attr::Known(3),
            ..create(&config(), place())
        }
    }

    fn imported() -> ExportModel {
        let (alias, remote, project) = (Attr::Null, Attr::Null, Attr::Null);
        ExportModel { alias, remote, project, architecture: Attr::Null, r#type: Attr::Null, ..prior() }
    }

    /// The plan after a change of the configuration, as core would ask for it.
    fn changed(config: &ExportModel, notes: &Notes, prior: &ExportModel) -> ExportModel {
        let proposed = ExportModel {
            fingerprint: config.fingerprint.clone().or_else(|| prior.fingerprint.clone()),
            architecture: config.architecture.clone().or_else(|| prior.architecture.clone()),
            files: prior.files.clone(),
            r#type: prior.r#type.clone(),
            size: prior.size.clone(),
            ..config.clone()
        };
        change(prior, notes, config, &proposed, place())
    }

    #[test]
    fn an_alias_means_nothing_before_the_apply_and_a_pin_itself() {
        assert!(create(&config(), place()).fingerprint.is_unknown());
        let pinned = ExportModel { alias: Attr::Null, fingerprint: "ab".into(), ..config() };
        let planned = create(&pinned, place());
        assert_eq!((planned.fingerprint, planned.files), ("ab".into(), Attr::Unknown));
    }

    #[test]
    fn where_nothing_changes_the_plan_is_the_state() {
        assert_eq!(changed(&config(), &notes(), &prior()), prior());
        let seen = Notes { upstream: Some("ab".to_owned()), ..notes() };
        assert_eq!(changed(&config(), &seen, &prior()), prior());
    }

    #[test]
    fn switches_are_recorded() {
        let kept = ExportModel { keep_on_destroy: Attr::Known(true), architecture: "amd64".into(), ..config() };
        let planned = changed(&kept, &notes(), &prior());
        let expected = ExportModel { keep_on_destroy: Attr::Known(true), architecture: "amd64".into(), ..prior() };
        assert_eq!(planned, expected);
    }

    #[test]
    fn damaged_files_are_written_again_from_the_same_image() {
        let damaged = ExportModel { files: Attr::Known(Vec::new()), ..prior() };
        let expected = ExportModel { files: Attr::Unknown, ..prior() };
        assert_eq!(changed(&config(), &notes(), &damaged), expected);
    }

    #[test]
    fn imported_files_are_those_of_the_pin_that_they_hash_to() {
        let pinned = ExportModel { alias: Attr::Null, fingerprint: "ab".into(), ..config() };
        let planned = changed(&pinned, &notes(), &imported());
        assert_eq!((&planned.files, &planned.size), (&prior().files, &prior().size));
        assert!(planned.r#type.is_unknown() && planned.architecture.is_unknown() && planned.remote == "local".into());
    }

    #[test]
    fn other_images_lead_to_another_export() {
        let moved = Notes { upstream: Some("cd".to_owned()), ..notes() };
        for planned in [
            changed(&config(), &moved, &prior()),
            changed(&config(), &notes(), &imported()),
            changed(&ExportModel { alias: "other".into(), ..config() }, &notes(), &prior()),
            changed(&ExportModel { vm: Attr::Known(true), ..config() }, &notes(), &prior()),
            changed(&ExportModel { architecture: "arm64".into(), ..config() }, &notes(), &prior()),
            changed(&ExportModel { alias: Attr::Null, fingerprint: "cd".into(), ..config() }, &notes(), &prior()),
        ] {
            assert!(planned.files.is_unknown() && planned.size.is_unknown(), "{planned:?}");
        }
    }
}
