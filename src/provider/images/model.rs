//! The arguments and results of the look-ups.

use std::collections::BTreeMap;

use crate::model;
use crate::provider::image::model::{AliasModel, UpdateSourceModel};
use crate::tfplugin::attr::{Attr, Set};
use crate::tfplugin::schema::Usage::{Computed, Optional, OptionalComputed};

/// The arguments of every look-up: where, and which images.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arguments<'a> {
    pub(crate) remote: &'a Attr<String>,
    pub(crate) project: &'a Attr<String>,
    pub(crate) all_projects: &'a Attr<bool>,
    pub(crate) alias: &'a Attr<String>,
    pub(crate) name_regex: &'a Attr<String>,
    pub(crate) fingerprint: &'a Attr<String>,
    pub(crate) image_type: &'a Attr<String>,
    pub(crate) architecture: &'a Attr<String>,
    pub(crate) public: &'a Attr<bool>,
    pub(crate) cached: &'a Attr<bool>,
    pub(crate) properties: &'a Attr<BTreeMap<String, Attr<String>>>,
    pub(crate) most_recent: &'a Attr<bool>,
}

/// What an argument means on image servers, for a look-up that asks them too.
macro_rules! told {
    ($text:literal) => {
        $text
    };
}

/// Nothing of that, for one that does not.
macro_rules! untold {
    ($text:literal) => {
        ""
    };
}

/// Declares the model of a look-up by [`model!`](crate::model), or another macro of that form: the arguments of every look-up
/// stand here, with the use of those about the place and of those that an image has as attributes, and what is `told` or `untold`
/// about image servers. What is special to it follows.
macro_rules! lookup_model {
    (
        $model:ident, place = $place:expr, image = $image:expr, on_image_servers = $told:ident,
        $(#[doc = $about:expr])+
        struct $name:ident { $($more:tt)* }
    ) => {
        $model! {
            $(#[doc = $about])+
            pub(crate) struct $name {
                #[doc = concat!(
                    "The remote to look at: an Incus server", $told!(", or an image server such as `images`"), ".\n",
                    "Default: the provider's `default_remote`."
                )]
                remote: String = $place,
                #[doc = concat!(
                    "The project to look in. Default: the provider's `project`.", $told!(" An image server has none.")
                )]
                project: String = $place,
                #[doc = concat!(
                    "Whether to look in all projects that can be seen. Default: `false`. Not together with `project`",
                    $told!(", and of no use on an image server"), "."
                )]
                all_projects: bool = Optional,
                #[doc = concat!(
                    "A name that the image has, exactly.",
                    $told!(" On an image server also with an architecture: `alpine/edge/arm64`.")
                )]
                alias: String = Optional,
                /// A [regular expression](https://docs.rs/regex-lite/latest/regex_lite/#syntax) that a name of the image matches
                /// somewhere. `^` and `$` stand for the ends of the name.
                name_regex: String = Optional,
                /// The fingerprint, or its beginning of at least 12 digits.
                fingerprint: String = $image,
                /// `container` or `virtual-machine`.
                r#type: String = $image,
                /// The architecture. `arm64` and `aarch64` mean the same, likewise the other pairs of spellings.
                architecture: String = $image,
                #[doc = concat!(
                    "Whether everybody who reaches the server may read the image.", $told!(" On an image server that is so.")
                )]
                public: bool = $image,
                #[doc = concat!(
                    "Whether the image is there only because an instance was made from it.",
                    $told!(" Not to be asked of an image server.")
                )]
                cached: bool = $image,
                /// Properties of the image, with exactly these values. It may have others.
                properties: BTreeMap<String, Attr<String>> = $image,
                /// Whether to take only the newest of the images that all other arguments allow: the one whose content was made
                /// last. Default: `false`. Needs another filter beside it.
                most_recent: bool = Optional,
                $($more)*
            }
        }

        impl $name {
            /// Where to look, and for what.
            pub(crate) fn arguments(&self) -> Arguments<'_> {
                Arguments {
                    remote: &self.remote,
                    project: &self.project,
                    all_projects: &self.all_projects,
                    alias: &self.alias,
                    name_regex: &self.name_regex,
                    fingerprint: &self.fingerprint,
                    image_type: &self.r#type,
                    architecture: &self.architecture,
                    public: &self.public,
                    cached: &self.cached,
                    properties: &self.properties,
                    most_recent: &self.most_recent,
                }
            }
        }
    };
}

/// Declares a model as [`model!`](crate::model) does, and adds what is told about an image that was found.
macro_rules! found_model {
    ($(#[doc = $about:expr])+ pub(crate) struct $name:ident { $($attributes:tt)* }) => {
        crate::model! {
            $(#[doc = $about])+
            pub(crate) struct $name {
                $($attributes)*
                /// All names: a list of objects with `name` and `description`.
                aliases: Vec<AliasModel> = Computed,
                /// Whether the server replaces it when its source has a newer one.
                auto_update: bool = Computed,
                /// The profiles of instances made from it, if they name none.
                profiles: Set<String> = Computed,
                /// The size of the content in bytes.
                size: i64 = Computed,
                /// The name of the file that was uploaded; empty for most copies. On an image server, its metadata file's.
                filename: String = Computed,
                /// When it expires, as an RFC 3339 time, or `never`.
                expires_at: String = Computed,
                /// When the content was made, as an RFC 3339 time. On an image server, the day of its version.
                created_at: String = Computed,
                /// When it came to the server; null on an image server.
                uploaded_at: String = Computed,
                /// When an instance was last made from it; null if never.
                last_used_at: String = Computed,
                /// Where the server looks for newer versions: an object with `server`, `protocol` and `alias`. Null for an image
                /// that was uploaded or copied by fingerprint.
                update_source: UpdateSourceModel = Computed,
            }
        }
    };
}

lookup_model! {
    model, place = OptionalComputed, image = Optional, on_image_servers = told,
    /// The images of an Incus server or an image server. All filters that are set must match; without one, these are all images
    /// that can be seen. On an image server, an `alias` stands for an image of each type and architecture.
    struct ImagesModel {
        /// The images, the newest first: a list of objects with `fingerprint`, `aliases` (a list of objects with `name` and
        /// `description`), `type`, `architecture`, `properties`, `public`, `auto_update`, `cached`, `profiles`, `size` (bytes),
        /// `filename`, `project` (null on an image server), `expires_at`, `created_at`, `uploaded_at` (null on an image server),
        /// `last_used_at` (null if never) and `update_source` (an object with `server`, `protocol` and `alias`, or null).
        images: Vec<FoundImageModel> = Computed,
        /// The fingerprints of the images, in the same order.
        fingerprints: Vec<Attr<String>> = Computed,
    }
}

lookup_model! {
    found_model, place = OptionalComputed, image = OptionalComputed, on_image_servers = told,
    /// The one image of an Incus server or an image server that all filters match. None, or more than one, is an error;
    /// `most_recent` takes the newest of several. What is not set is told about the image, and `fingerprint` and `properties` are
    /// always the whole ones.
    ///
    /// On an image server this is the image that `incus_image` would copy: a container image where there are both types, and
    /// without `architecture` one for the server of the provider's default remote, if there are several.
    struct OneImageModel {}
}

lookup_model! {
    model, place = Optional, image = Optional, on_image_servers = untold,
    /// The images of an Incus server, to be brought under management. All filters that are set must match; without one, these are
    /// all images that can be seen. An image server has none to be managed: the data sources show what it offers.
    struct ImageListModel {}
}

found_model! {
    /// One image.
    pub(crate) struct FoundImageModel {
        /// The SHA-256 of the content.
        fingerprint: String = Computed,
        /// `container` or `virtual-machine`.
        r#type: String = Computed,
        /// The architecture, as Incus spells it.
        architecture: String = Computed,
        /// The properties.
        properties: BTreeMap<String, Attr<String>> = Computed,
        /// Whether everybody who reaches the server may read it.
        public: bool = Computed,
        /// Whether it is there only because an instance was made from it.
        cached: bool = Computed,
        /// The project that holds it; null on an image server.
        project: String = Computed,
    }
}
