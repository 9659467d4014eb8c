//! What the `source` argument means. Nothing is looked up here.

use std::path::{Path, PathBuf};

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
    /// A file here.
    File(PathBuf),
}

/// Why a text is no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidSource {
    /// Nothing at all.
    #[error("A source is \"remote:name\" or a file; this one is empty.")]
    Empty,
    /// A web address.
    #[error(
        "An address on the web can't be a source. Download the file and give its path, or name an image of a remote."
    )]
    Web,
    /// `remote:` alone.
    #[error("The name of the image is missing after {0:?}. A source is \"remote:name\" or a file.")]
    NoName(String),
}

impl SourceArgument {
    /// Reads the argument; `home` is what `~/` stands for.
    pub(super) fn parse(text: &str, home: Option<&Path>) -> Result<SourceArgument, InvalidSource> {
        if text.is_empty() {
            return Err(InvalidSource::Empty);
        }
        if text.starts_with("https://") || text.starts_with("http://") {
            return Err(InvalidSource::Web);
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

/// The path that `text` means.
pub(super) fn expand(text: &str, home: Option<&Path>) -> PathBuf {
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
        assert_eq!(parse("https://example.org/a.tar"), Err(InvalidSource::Web));
        assert_eq!(parse(""), Err(InvalidSource::Empty));
    }
}
