//! What the arguments `source` and `source_instance` mean. Nothing is looked up here.

use std::path::{Path, PathBuf};

use super::model::ImageModel;
use crate::incus::{FileUrl, InstanceName, InvalidFileUrl, InvalidInstanceName};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::path::Path as AttributePath;

/// Where an image's content comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SourceArgument {
    /// An image of a remote, by its name there.
    Remote {
        /// The remote.
        remote: String,
        /// The image's name there.
        name: String,
    },
    /// A file on the web.
    Web(FileUrl),
    /// A file here.
    File(PathBuf),
    /// An instance or snapshot of the same server.
    Instance(InstanceName),
}

/// Why a text is no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidSource {
    /// Nothing at all.
    #[error("A source is \"remote:name\" or a file; this one is empty.")]
    Empty,
    /// A web address that can't be used.
    #[error("The source can't be used: {0}.")]
    Web(#[from] InvalidFileUrl),
    /// No instance.
    #[error("{0}.")]
    Instance(#[from] InvalidInstanceName),
    /// `remote:` alone.
    #[error("The name of the image is missing after {0:?}. A source is \"remote:name\" or a file.")]
    NoName(String),
}

impl SourceArgument {
    /// Reads the argument of `image` that is set; `home` is what `~/` stands for. Nothing where none is known.
    pub(super) fn of(image: &ImageModel, home: Option<&Path>) -> Result<Option<SourceArgument>, InvalidSource> {
        match (image.source.known(), image.source_instance.known()) {
            (Some(source), _) => SourceArgument::parse(source, home).map(Some),
            (None, Some(instance)) => Ok(Some(SourceArgument::Instance(InstanceName::parse(instance)?))),
            (None, None) => Ok(None),
        }
    }

    /// Reads `source`.
    fn parse(text: &str, home: Option<&Path>) -> Result<SourceArgument, InvalidSource> {
        if text.is_empty() {
            return Err(InvalidSource::Empty);
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return Ok(SourceArgument::Web(FileUrl::parse(text)?));
        }
        match text.split_once(':') {
            // One letter before the colon is the drive of a Windows path.
            Some((remote, name)) if remote.len() > 1 && !remote.contains('/') => match name {
                "" => Err(InvalidSource::NoName(text.to_owned())),
                name => Ok(SourceArgument::Remote { remote: remote.to_owned(), name: name.to_owned() }),
            },
            _ => Ok(SourceArgument::File(expand(text, home))),
        }
    }
}

impl InvalidSource {
    /// The argument that is wrong.
    pub(super) fn path(&self) -> AttributePath {
        AttributePath::attribute(match self {
            InvalidSource::Instance(_) => "source_instance",
            InvalidSource::Empty | InvalidSource::Web(_) | InvalidSource::NoName(_) => "source",
        })
    }
}

/// Whether an image says where its content comes from, be it known or not.
pub(super) fn is_given(image: &ImageModel) -> bool {
    !image.source.is_null() || !image.source_instance.is_null()
}

/// The argument that says where the content comes from.
pub(super) fn argument(image: &ImageModel) -> AttributePath {
    AttributePath::attribute(match image.source_instance {
        Attr::Null => "source",
        Attr::Known(_) | Attr::Unknown => "source_instance",
    })
}

/// The path that `text` means.
pub(crate) fn expand(text: &str, home: Option<&Path>) -> PathBuf {
    match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SourceArgument, InvalidSource> {
        SourceArgument::parse(text, Some(Path::new("/home/me")))
    }

    #[test]
    fn a_colon_before_any_slash_makes_a_remote() {
        let remote = |remote: &str, name: &str| Ok(SourceArgument::Remote { remote: remote.into(), name: name.into() });
        assert_eq!(parse("images:alpine/edge"), remote("images", "alpine/edge"));
        assert_eq!(parse("images:alpine:edge"), remote("images", "alpine:edge"));
        assert_eq!(parse("images:"), Err(InvalidSource::NoName("images:".into())));
    }

    #[test]
    fn everything_else_is_a_path() {
        let file = |path: &str| Ok(SourceArgument::File(path.into()));
        assert_eq!(parse("alpine.tar.gz"), file("alpine.tar.gz"));
        assert_eq!(parse("./a:b"), file("./a:b"));
        assert_eq!(parse("C:\\images\\a.tar"), file("C:\\images\\a.tar"));
        assert_eq!(parse("~/a.tar"), file("/home/me/a.tar"));
        assert_eq!(parse("~me/a.tar"), file("~me/a.tar"));
        assert_eq!(parse(""), Err(InvalidSource::Empty));
    }

    #[test]
    fn a_file_on_the_web_is_one_over_https() {
        let address = FileUrl::parse("https://example.org/a.tar").unwrap();
        assert_eq!(parse("https://example.org/a.tar"), Ok(SourceArgument::Web(address)));
        assert_eq!(parse("http://example.org/a.tar"), Err(InvalidSource::Web(InvalidFileUrl::NotHttps)));
        assert_eq!(parse("https://me:secret@example.org/a"), Err(InvalidSource::Web(InvalidFileUrl::Credentials)));
    }
}
