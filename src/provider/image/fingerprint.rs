//! The function `image_fingerprint`: what Incus will call the image that local files make.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use super::files::{Found, SourceFiles};
use super::source::expand;
use crate::incus::Error;
use crate::model;
use crate::provider::connections::Connections;
use crate::provider::diagnostics::diagnose;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::diagnostic::Diagnostic;
use crate::tfplugin::function::Function;
use crate::tfplugin::path::{Path as ArgumentPath, Step};
use crate::tfplugin::schema::Usage::{Optional, Required};

/// The function `image_fingerprint`.
#[derive(Debug)]
pub(in crate::provider) struct ImageFingerprint {
    connections: Arc<Connections>,
}

impl ImageFingerprint {
    pub(in crate::provider) fn new(connections: Arc<Connections>) -> ImageFingerprint {
        ImageFingerprint { connections }
    }
}

model! {
    /// The fingerprint of the image that local files make: the SHA-256 of the unified file, or of the metadata file and the root file
    /// of a split image, one after the other. It is what `fingerprint` of an `incus_image` becomes whose `source` and `rootfs` are these
    /// files.
    ///
    /// The files must exist when Terraform plans, and stay the same until it has applied. They are read as streams, whatever their size.
    pub(crate) struct ImageFiles {
        /// The unified file, or the metadata half of a split image; `~/` is understood.
        path: String = Required,
        /// The root half of a split image. Default: `<path>.root` when that file exists.
        rootfs: Vec<String> = Optional,
    }
}

#[async_trait]
impl Function for ImageFingerprint {
    type Arguments = ImageFiles;
    type Output = String;

    const NAME: &'static str = "image_fingerprint";

    const SUMMARY: &'static str = "The fingerprint of the image that local files make";

    async fn call(&self, arguments: ImageFiles) -> Result<String, Diagnostic> {
        let (Attr::Known(path), rootfs) = (arguments.path, arguments.rootfs.known().map_or(&[][..], Vec::as_slice))
        else {
            return Err(Diagnostic::error("Missing argument", "`path` must be set."));
        };
        if rootfs.len() > 1 {
            let detail = "An image has two files at most: the metadata and the root.";
            return Err(Diagnostic::error("Too many files", detail).at(root_file(1)));
        }
        let home = self.connections.home();
        let home = home.as_deref();
        let root = rootfs.first().map(String::as_str);
        let files = SourceFiles::locate(expand(&path, home), root, home).await;
        let at = |file: &Path, error: Diagnostic| match root {
            Some(root) if file == expand(root, home) => error.at(root_file(0)),
            _ => error.at(ArgumentPath::attribute("path")),
        };
        match files.hash(None).await {
            Ok(Found::Hashed(_, fingerprint)) => Ok(fingerprint.to_string()),
            Ok(Found::Missing(file)) => Err(at(&file, missing(&file))),
            Err(error) => Err(match &error {
                Error::File { path, .. } => at(path, diagnose(&error)),
                _ => diagnose(&error),
            }),
        }
    }
}

fn root_file(index: i64) -> ArgumentPath {
    ArgumentPath::attribute("rootfs").then(Step::Index(index))
}

fn missing(file: &Path) -> Diagnostic {
    if file.as_os_str().is_empty() {
        return Diagnostic::error("Missing argument", "A path is a file; this one is empty.");
    }
    let detail = "There is no such file. Check the path; it is relative to the working directory.";
    Diagnostic::error(format!("Unable to read {}", file.display()), detail)
}
