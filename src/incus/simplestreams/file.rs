//! A file of an image server's image, and the check that what comes is that file. Not for asking for it, see `download`.

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream;
use sha2::{Digest as _, Sha256};

use super::error::ImageServerError;
use crate::incus::{Content, Error, Half, hex};

/// A file that an image server lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamFile {
    /// Which of an image's files it is.
    pub half: Half,
    /// Where it is, below the server's address.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// What its content hashes to: 64 hex digits. Empty where the server does not say.
    pub sha256: String,
    /// What an upload calls it.
    pub(crate) part: &'static str,
}

impl StreamFile {
    /// Its name there.
    pub fn name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&*self.path, |(_, name)| name)
    }

    /// The content that comes from `url` as this file. It ends with an error where it is longer, shorter or other than listed.
    pub(super) fn checked(&self, url: String, content: Content) -> Content {
        let reading = Reading { file: self.clone(), url, content, hash: Sha256::new(), length: 0 };
        stream::try_unfold(reading, Reading::next).boxed()
    }
}

/// A file on its way.
struct Reading {
    file: StreamFile,
    url: String,
    content: Content,
    hash: Sha256,
    length: u64,
}

impl Reading {
    /// The next bytes, and what is then still to come; nothing after the last ones.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Error> {
        let Self { file, url, content, hash, length } = &mut self;
        match content.next().await {
            Some(bytes) => {
                let bytes = bytes?;
                *length += bytes.len() as u64;
                if *length > file.size {
                    return Err(ImageServerError::OtherFile { url: url.clone() }.into());
                }
                hash.update(&bytes);
                Ok(Some((bytes, self)))
            }
            None if *length == file.size && (file.sha256.is_empty() || hex(hash.clone()) == file.sha256) => Ok(None),
            None => Err(ImageServerError::OtherFile { url: url.clone() }.into()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    async fn read(size: u64, sha256: &str) -> Result<Vec<Bytes>, Error> {
        let file = StreamFile {
            half: Half::Whole,
            path: "images/a.tar".to_owned(),
            size,
            sha256: sha256.to_owned(),
            part: "metadata",
        };
        assert_eq!(file.name(), "a.tar");
        let pieces = ["ab", "c"].map(|piece| Ok(Bytes::from_static(piece.as_bytes())));
        file.checked("http://x/a.tar".to_owned(), stream::iter(pieces).boxed()).try_collect().await
    }

    #[tokio::test]
    async fn only_the_listed_content_comes_to_an_end() {
        const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(read(3, ABC).await.unwrap().concat(), b"abc");
        assert_eq!(read(3, "").await.unwrap().concat(), b"abc");
        for (size, sha256) in [(2, ABC), (4, ABC), (3, "00")] {
            let error = read(size, sha256).await.unwrap_err().to_string();
            assert!(error.contains("http://x/a.tar is another file than the server lists"), "{error}");
        }
    }
}
