//! The content of an image on its way from an Incus server, as it comes and as files. Not for keeping it, and not for telling whether
//! it is whole.

use std::fmt;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use http::{HeaderMap, HeaderName, header};

use super::header::parameter;
use super::multipart::{Failure, Parts, Step};
use super::{Error, FileHead, Half, ImageContent, Malformed, Piece};

/// Bytes that are read as they come.
pub type Content = BoxStream<'static, Result<Bytes, Error>>;

/// The content of an image, opened. A unified image is one file; a split one comes as `multipart/form-data` with the parts
/// `metadata` and then `rootfs`, or `rootfs.img` for a virtual machine.
pub struct Export {
    /// The `Content-Type`: that of one file, or `multipart/form-data` with its boundary. An upload of `content` under the same type
    /// is the same image.
    pub content_type: String,
    /// The name of the file of a unified image.
    pub filename: Option<String>,
    /// Bytes to come. A split image does not tell (6.0.4).
    pub length: Option<u64>,
    /// Whether it was an OCI image, the fingerprint of which is not the hash of its content.
    pub is_oci: bool,
    /// The bytes, as the server sends them.
    pub content: Content,
    what: String,
    address: String,
}

impl Export {
    pub(crate) fn new(address: &str, what: String, headers: &HeaderMap, content: Content) -> Self {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            content_type: text(header::CONTENT_TYPE).unwrap_or("application/octet-stream").to_owned(),
            filename: text(header::CONTENT_DISPOSITION).and_then(|value| parameter(value, "filename")),
            length: text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
            is_oci: text(HeaderName::from_static("x-incus-type")) == Some("oci"),
            content,
            what,
            address: address.to_owned(),
        }
    }

    /// The files of the image.
    ///
    /// # Errors
    /// Where the server says that they are several, and not what separates them.
    pub fn files(self) -> Result<ImageContent, Error> {
        let Self { content_type, filename, length, is_oci, content, what, address } = self;
        if !content_type.starts_with("multipart/") {
            let head = Piece::File(FileHead { half: Half::Whole, name: filename });
            let bytes = content.map(|bytes| bytes.map(Piece::Bytes));
            let pieces = stream::once(async { Ok(head) }).chain(bytes).boxed();
            return Ok(ImageContent { size: length, is_oci, pieces });
        }
        let malformed = move |source| Error::Decode { what: what.clone(), address: address.clone(), source };
        let Some(boundary) = parameter(&content_type, "boundary") else {
            return Err(malformed(Malformed("no boundary between the files".to_owned())));
        };
        let reading = (Parts::new(&boundary, content), malformed);
        let pieces = stream::try_unfold(reading, |(mut parts, malformed)| async move {
            let piece = match parts.next().await {
                Ok(None) => return Ok(None),
                Ok(Some(Step::Bytes(bytes))) => Piece::Bytes(bytes),
                Ok(Some(Step::Part { name, filename })) => {
                    let half = half(&name).map_err(&malformed)?;
                    Piece::File(FileHead { half, name: filename })
                }
                Err(Failure::Content(error)) => return Err(error),
                Err(Failure::Malformed(source)) => return Err(malformed(source)),
            };
            Ok(Some((piece, (parts, malformed))))
        });
        Ok(ImageContent { size: None, is_oci, pieces: pieces.boxed() })
    }
}

fn half(name: &str) -> Result<Half, Malformed> {
    match name {
        "metadata" => Ok(Half::Metadata),
        "rootfs" | "rootfs.img" => Ok(Half::Root),
        other => Err(Malformed(format!("{other:?} is no part of an image"))),
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { content_type, filename, length, is_oci, what, address, content: _ } = self;
        let mut export = formatter.debug_struct("Export");
        export.field("content_type", content_type).field("filename", filename).field("length", length);
        export.field("is_oci", is_oci).field("what", what).field("address", address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use http::HeaderValue;

    use super::*;

    fn export(headers: &[(&'static str, &'static str)]) -> Export {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        Export::new("socket", "export image ab".to_owned(), &headers, Box::pin(stream::empty()))
    }

    #[test]
    fn a_unified_image_has_a_name_and_a_length() {
        let export = export(&[
            ("content-type", "application/octet-stream"),
            ("content-disposition", "inline;filename=ab.tar.gz"),
            ("content-length", "386"),
            ("x-incus-type", "incus"),
        ]);
        assert_eq!((export.filename.as_deref(), export.length, export.is_oci), (Some("ab.tar.gz"), Some(386), false));
    }

    #[test]
    fn a_split_image_has_neither_but_a_boundary() {
        let export = export(&[("content-type", "multipart/form-data; boundary=12"), ("x-incus-type", "oci")]);
        assert_eq!(export.content_type, "multipart/form-data; boundary=12");
        assert_eq!((export.filename, export.length, export.is_oci), (None, None, true));
    }
}
