//! The attributes of `incus_image`.

use std::collections::BTreeMap;

use crate::model;
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::schema::OnChange::{Content, Record, Replace, Update};
use crate::tfplugin::schema::Usage::{Computed, Optional, OptionalComputed};

model! {
    /// An image on an Incus server: a name that points at exactly the content you declare.
    ///
    /// The image comes from a remote (`source = "images:alpine/edge"`), from a file (`source = "alpine.tar.gz"`), from the web
    /// (`source = "https://…"`) or from an instance (`source_instance = "web"`). Names, properties and the other settings are changed
    /// in place. Other content takes the place of the old under the same names, which are never missing in between; for a moment the
    /// server holds both.
    ///
    /// Without `source` and `source_instance`, the image that `alias` or `fingerprint` names must be on the server already, and is
    /// taken under management as it is.
    pub(crate) struct ImageModel {
        /// The primary name. With a source it must be free when the image is created, unless `alias_conflict` says otherwise; without
        /// one it names the image that is there; without a pin either, an adopted image is whichever has the name when the state is
        /// refreshed. One of `alias`, `fingerprint`, `source` and `source_instance` is needed.
        alias: String = OptionalComputed.on_change(Update),
        /// More names. Names given to the image by others are left alone.
        aliases: Set<String> = Optional.on_change(Update),
        /// Descriptions of managed names, by name. Names that are not listed keep the description they have.
        alias_descriptions: BTreeMap<String, Attr<String>> = Optional.on_change(Update),
        /// What to do when a wanted name belongs to another image: `error` (the default), or `take_over`, which points it at this
        /// image in one step.
        alias_conflict: String = OptionalComputed.on_change(Record),
        /// The remote whose server holds the image, as `incus remote list` names it. Default: the provider's `default_remote`.
        remote: String = OptionalComputed.on_change(Replace),
        /// The project that holds the image. Default: the provider's `project`.
        project: String = OptionalComputed.on_change(Replace),
        /// Where the content comes from. `remote:name` is an image of a remote, by alias or fingerprint. `https://…` is a unified
        /// image that the Incus server fetches: with `fingerprint` from any web server, without it from one that answers with the
        /// headers `Incus-Image-Hash` and `Incus-Image-URL`. Anything else is a file, relative to the working directory or from `~/`:
        /// a unified image, or the metadata half of a split one. An image of a container registry (`docker:alpine:latest`) needs
        /// Incus 6.3 or later.
        source: String = OptionalComputed.on_change(Content),
        /// The root half of a split image: a squashfs or tar file, or the qcow2 disk of a virtual machine. Default:
        /// `<source>.root`, if that file exists.
        rootfs: String = Optional.on_change(Content),
        /// The project from which the image of a remote, or the instance, is taken. Default: the remote's own project; on the
        /// same server, and for an instance, the image's `project`.
        source_project: String = Optional.on_change(Content),
        /// An instance of the same server, or a snapshot of one (`web/before-upgrade`), to make the image of. The instance must not
        /// run; a snapshot may be taken of one that does. In place of `source`.
        source_instance: String = Optional.on_change(Content),
        /// Texts that lead to new content when one of them changes: the instance is published again, or the image copied again.
        triggers: BTreeMap<String, Attr<String>> = Optional.on_change(Content),
        /// What packs the image of an instance: `none`, `gzip`, `zstd`, `xz` and others that the server has. Default: the server's
        /// own setting. A change counts for the next time.
        compression: String = Optional.on_change(Record),
        /// The SHA-256 of the content, 64 lower-case hex digits. When it is set, the content must be exactly this. A registry can't be
        /// asked for it: what came from there is held against it, and `docker:alpine@sha256:…` as `source` names one image for good.
        fingerprint: String = OptionalComputed.on_change(Content),
        /// Take the virtual machine image of the name in `source`, not the container image. Default: `false`. A file says
        /// itself which it is, and registries have containers only.
        vm: bool = OptionalComputed.on_change(Content),
        /// The architecture: which image of the name in `source` to take, or what the file must be. `arm64` and `aarch64`
        /// mean the same, likewise the other pairs of spellings.
        architecture: String = OptionalComputed.on_change(Content),
        /// Who moves the bytes of an image of a remote: `pull` (the default), the server fetches them; `push`, the other Incus server
        /// sends them; `relay`, they go through the machine that Terraform runs on, for servers that can't reach each other.
        /// From a registry, only `pull`.
        mode: String = OptionalComputed.on_change(Record),
        /// Whether the image also gets the names that it has on the remote in `source`. Default: `false`. Registries don't tell names.
        copy_aliases: bool = OptionalComputed.on_change(Update),
        /// The properties. When set, the image has exactly these: others are removed, also those that it brought along. When
        /// not set, the image keeps what it has. An image of a registry needs its `type = "oci"`.
        properties: BTreeMap<String, Attr<String>> = OptionalComputed.on_change(Update),
        /// Properties over the image's own. When one is taken away, the image's own value comes back. Not together with
        /// `properties`.
        extra_properties: BTreeMap<String, Attr<String>> = Optional.on_change(Update),
        /// Whether everybody who reaches the server may read the image. Default: `false`; an imported image keeps what it has.
        public: bool = OptionalComputed.on_change(Update),
        /// Whether the server replaces the image when its source has a newer one. The source must then be a name on a public
        /// image server. Default: `false`; an imported image keeps what it has.
        auto_update: bool = OptionalComputed.on_change(Update),
        /// The profiles of instances made from the image, if they name none; `[]` for none. Default: `["default"]`.
        profiles: Set<String> = OptionalComputed.on_change(Update),
        /// When the image expires, as an RFC 3339 time such as `2030-12-31T23:59:59Z`, or `never`. Incus shows the time; it
        /// does not delete the image then.
        expires_at: String = OptionalComputed.on_change(Update),
        /// Whether to look for newer content under the name in `source` whenever the state is refreshed, and to swap it in. Default:
        /// `false`. Not together with `fingerprint` or `auto_update`, and of no use with a file or a registry.
        refresh: bool = OptionalComputed.on_change(Record),
        /// What to do when the very image in `source` is on the server already, and not through this resource: `false` (the
        /// default) is an error, `true` takes it under management. Copies that are there only because an instance was made from
        /// them do not count. What was taken so is deleted by destroying, unless `keep_on_destroy = true`.
        adopt_existing: bool = OptionalComputed.on_change(Record),
        /// Whether destroying leaves the image on the server and only forgets it. Default: `false` with `source` or `source_instance`,
        /// `true` without. An import fills `source` in where the server knows it.
        keep_on_destroy: bool = Optional.on_change(Record),
        /// The remote, project and fingerprint, as `terraform import` takes them: `remote:project/fingerprint`.
        id: String = Computed.on_change(Record),
        /// All names of the image, also those given by others: a list of objects with `name` and `description`.
        all_aliases: Vec<AliasModel> = Computed.on_change(Record),
        /// The names that `copy_aliases` has brought, beside `alias` and `aliases`.
        copied_aliases: Set<String> = Computed.on_change(Record),
        /// `container` or `virtual-machine`.
        r#type: String = Computed.on_change(Record),
        /// The size of the content in bytes.
        size: i64 = Computed.on_change(Record),
        /// The name of the file that was uploaded; empty for most copies.
        filename: String = Computed.on_change(Record),
        /// Whether the image is there only because an instance was made from it.
        cached: bool = Computed.on_change(Record),
        /// When the content was made, as an RFC 3339 time.
        created_at: String = Computed.on_change(Record),
        /// When the image came to this server, as an RFC 3339 time.
        uploaded_at: String = Computed.on_change(Record),
        /// Where the server looks for newer versions: an object with `server`, `protocol` and `alias`. Null for an image that
        /// was uploaded or copied by fingerprint.
        update_source: UpdateSourceModel = Computed.on_change(Record),
        blocks {
            /// How long the steps may take, as Go writes durations: `90s`, `1h30m`.
            timeouts: Option<TimeoutsModel>,
        }
    }
}

model! {
    /// A name of an image.
    pub(crate) struct AliasModel {
        /// The name.
        name: String = Computed,
        /// Free text.
        description: String = Computed,
    }
}

model! {
    /// Where a server looks for newer versions of an image.
    pub(crate) struct UpdateSourceModel {
        /// The address of the other server.
        server: String = Computed,
        /// The protocol it speaks: `simplestreams`, `incus` or `oci`.
        protocol: String = Computed,
        /// The name there.
        alias: String = Computed,
    }
}

model! {
    /// How long the steps may take.
    pub(crate) struct TimeoutsModel {
        /// Creating it, with the transfer of the content. Default: `60m`.
        create: String = Optional,
        /// Reading it. Default: `5m`.
        read: String = Optional,
        /// Changing it, with the transfer of other content. Default: `60m`.
        update: String = Optional,
        /// Deleting it. Default: `10m`.
        delete: String = Optional,
    }
}
