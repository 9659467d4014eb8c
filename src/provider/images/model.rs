//! The attributes of `incus_images`.

use std::collections::BTreeMap;

use crate::model;
use crate::provider::image::model::{AliasModel, UpdateSourceModel};
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::schema::Usage::{Computed, OptionalComputed};

model! {
    /// The images of an Incus server.
    pub(crate) struct ImagesModel {
        /// The remote whose images are listed. Default: the provider's `default_remote`.
        remote: String = OptionalComputed,
        /// The project whose images are listed. Default: the provider's `project`.
        project: String = OptionalComputed,
        /// The images, the newest first: a list of objects with `fingerprint`, `aliases` (a list of objects with `name` and
        /// `description`), `type`, `architecture`, `properties`, `public`, `auto_update`, `cached`, `profiles`, `size` (bytes),
        /// `filename`, `project`, `expires_at`, `created_at`, `uploaded_at`, `last_used_at` (null if never) and `update_source` (an
        /// object with `server`, `protocol` and `alias`, or null).
        images: Vec<FoundImageModel> = Computed,
        /// The fingerprints of the images, in the same order.
        fingerprints: Vec<Attr<String>> = Computed,
    }
}

model! {
    /// One image.
    pub(crate) struct FoundImageModel {
        /// The SHA-256 of the content.
        fingerprint: String = Computed,
        /// All names.
        aliases: Vec<AliasModel> = Computed,
        /// `container` or `virtual-machine`.
        r#type: String = Computed,
        /// The architecture, as Incus spells it.
        architecture: String = Computed,
        /// The properties.
        properties: BTreeMap<String, Attr<String>> = Computed,
        /// Whether everybody who reaches the server may read it.
        public: bool = Computed,
        /// Whether the server replaces it when its source has a newer one.
        auto_update: bool = Computed,
        /// Whether it is there only because an instance was made from it.
        cached: bool = Computed,
        /// The profiles of instances made from it.
        profiles: Set<String> = Computed,
        /// Bytes.
        size: i64 = Computed,
        /// The name of the file that was uploaded.
        filename: String = Computed,
        /// The project that holds it.
        project: String = Computed,
        /// When it expires, or `never`.
        expires_at: String = Computed,
        /// When the content was made.
        created_at: String = Computed,
        /// When it came to the server.
        uploaded_at: String = Computed,
        /// When an instance was last made from it.
        last_used_at: String = Computed,
        /// Where the server looks for newer versions.
        update_source: UpdateSourceModel = Computed,
    }
}
