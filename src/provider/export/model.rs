//! The attributes of `incus_image_export`, the resource and the action, and the resource's identity.

use crate::model;
use crate::provider::image::model::TimeoutsModel;
use crate::tfplugin::schema::OnChange::{Content, Record, Replace};
use crate::tfplugin::schema::Usage::{Computed, Optional, OptionalComputed, Required};

model! {
    /// The files of an image, kept on the machine that Terraform runs on.
    ///
    /// The image comes from an Incus server or from an image server. A unified image is one file; a split one, and every image of a
    /// virtual machine, is two. `incus_image` and `incus image import` take the files as they are. They are written again when the
    /// image behind the alias is another one, and when one of them is missing or changed. Until a file is complete and its content is
    /// what the fingerprint says, nothing stands under its name.
    pub(crate) struct ExportModel {
        /// The image, by its SHA-256: 64 lower-case hex digits. Either this or `alias`.
        fingerprint: String = OptionalComputed.on_change(Content),
        /// The image, by its name. Whenever the state is refreshed, the image that has the name then counts. One that gets the name in
        /// the course of the same run is exported by the next one; `fingerprint = incus_image.NAME.fingerprint` exports it at once.
        alias: String = Optional.on_change(Content),
        /// Take the virtual machine image of the name in `alias`, not the container image. Default: `false`.
        vm: bool = OptionalComputed.on_change(Content),
        /// The architecture: which image of the name in `alias` to take, or what the image must be. `arm64` and `aarch64` mean the
        /// same, likewise the other pairs of spellings. Default on an image server: that of this machine.
        architecture: String = OptionalComputed.on_change(Content),
        /// The remote whose server has the image, an Incus or a simplestreams server, as `incus remote list` names it. Default: the
        /// provider's `default_remote`. A change replaces the export.
        remote: String = OptionalComputed.on_change(Replace),
        /// The project that holds the image; null for an image server. Default: the provider's `project`. A change replaces the export.
        project: String = OptionalComputed.on_change(Replace),
        /// Where the files go, relative to the working directory or from `~/`: a file, which is the image or its metadata half (the
        /// root half is then `<path>.root`), or a directory that is there, in which the files have the names that `incus image export`
        /// gives them. What ends with `/` is a directory in any case. A change replaces the export: the old files go before the new ones
        /// come, unless `lifecycle` says `create_before_destroy`.
        path: String = Required.on_change(Replace),
        /// Whether files that are there and do not belong to this export may be replaced. Default: `false`, which is an error.
        overwrite: bool = OptionalComputed.on_change(Record),
        /// Whether destroying leaves the files where they are. Default: `false`.
        keep_on_destroy: bool = OptionalComputed.on_change(Record),
        /// The files: a list of objects with `path`, `size` (bytes) and `sha256`.
        files: Vec<ExportedFileModel> = Computed.on_change(Record),
        /// `container` or `virtual-machine`.
        r#type: String = Computed.on_change(Record),
        /// The size of all files together in bytes.
        size: i64 = Computed.on_change(Record),
        blocks {
            /// How long the steps may take, as Go writes durations: `90s`, `1h30m`.
            timeouts: Option<TimeoutsModel>,
        }
    }
}

model! {
    /// Writes the files of an image to the machine that Terraform runs on, once: for backups that are not to be in the state.
    ///
    /// The image comes from an Incus server or from an image server. A unified image is one file; a split one, and every image of a
    /// virtual machine, is two. `incus_image` and `incus image import` take the files as they are. Until a file is complete and its
    /// content is what the fingerprint says, nothing stands under its name. Nobody looks after the files later; the resource
    /// `incus_image_export` does.
    pub(crate) struct ExportActionModel {
        /// The image, by its SHA-256: 64 lower-case hex digits. Either this or `alias`.
        fingerprint: String = Optional,
        /// The image, by the name that it has when the action runs. Either this or `fingerprint`.
        alias: String = Optional,
        /// Take the virtual machine image of the name in `alias`, not the container image. Default: `false`.
        vm: bool = Optional,
        /// The architecture: which image of the name in `alias` to take, or what the image must be. `arm64` and `aarch64` mean the
        /// same, likewise the other pairs of spellings. Default on an image server: that of this machine.
        architecture: String = Optional,
        /// The remote whose server has the image, an Incus or a simplestreams server, as `incus remote list` names it. Default: the
        /// provider's `default_remote`.
        remote: String = Optional,
        /// The project that holds the image. Default: the provider's `project`. An image server has none.
        project: String = Optional,
        /// Where the files go, relative to the working directory or from `~/`: a file, which is the image or its metadata half (the
        /// root half is then `<path>.root`), or a directory that is there, in which the files have the names that `incus image export`
        /// gives them. What ends with `/` is a directory in any case.
        path: String = Required,
        /// Whether files that are there may be replaced. Default: `false`, which is an error.
        overwrite: bool = Optional,
    }
}

impl ExportActionModel {
    /// The export that it asks for.
    pub(super) fn export(self) -> ExportModel {
        let ExportActionModel { fingerprint, alias, vm, architecture, remote, project, path, overwrite } = self;
        ExportModel { fingerprint, alias, vm, architecture, remote, project, path, overwrite, ..ExportModel::default() }
    }
}

model! {
    /// A file of an export.
    pub(crate) struct ExportedFileModel {
        /// Where it is.
        path: String = Computed,
        /// Bytes.
        size: i64 = Computed,
        /// The SHA-256 of its content.
        sha256: String = Computed,
    }
}

model! {
    /// An export. What is in the files says which image it is of.
    pub(crate) struct ExportIdentity {
        /// The path of the file, or of the metadata half, as the configuration has it.
        path: String = Required,
    }
}
