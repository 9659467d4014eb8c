//! Reads `multipart/form-data` as it comes, in constant memory. Not for writing it; `reqwest` does that.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use memchr::memmem::{self, Finder};

use super::export::Content;
use super::header::parameter;
use super::{Error, Malformed};

/// The longest head of a part that is read.
const LONGEST_HEAD: usize = 16 * 1024;

/// A step through the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A part begins.
    Part { name: String, filename: Option<String> },
    /// More of it.
    Bytes(Bytes),
}

/// Why there is no next step.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The content itself failed.
    Content(Error),
    /// It is not what was promised.
    Malformed(Malformed),
}

/// The parts of a multipart text. They end at the first closing boundary: Incus 6.0.4 writes it twice.
pub(crate) struct Parts {
    content: Content,
    /// What was read and not given on.
    rest: Bytes,
    /// Finds what stands before and between parts.
    delimiter: Finder<'static>,
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    /// Before the first part.
    Preamble,
    /// In the bytes of a part.
    Body,
    /// Right after a delimiter.
    Boundary,
    /// After the last part.
    End,
}

impl Parts {
    /// The parts of `content`, whose type has this boundary.
    pub(crate) fn new(boundary: &str, content: Content) -> Self {
        // The first delimiter may be without the line break before it.
        let delimiter = Finder::new(format!("\r\n--{boundary}").as_bytes()).into_owned();
        Self { content, rest: Bytes::from_static(b"\r\n"), delimiter, place: Place::Preamble }
    }

    /// The next step; nothing after the last part.
    pub(crate) async fn next(&mut self) -> Result<Option<Step>, Failure> {
        loop {
            match self.place {
                Place::End => return Ok(None),
                Place::Boundary => match self.boundary().await? {
                    Some(part) => {
                        self.place = Place::Body;
                        return Ok(Some(part));
                    }
                    None => self.place = Place::End,
                },
                Place::Preamble => {
                    self.body().await?;
                }
                Place::Body => match self.body().await? {
                    bytes if bytes.is_empty() => {}
                    bytes => return Ok(Some(Step::Bytes(bytes))),
                },
            }
        }
    }

    /// Bytes before the next delimiter. Where there are none left, the place is after it.
    async fn body(&mut self) -> Result<Bytes, Failure> {
        if self.rest.is_empty() {
            self.more().await?;
        }
        let delimiter = self.delimiter.needle();
        if let Some(end) = self.delimiter.find(&self.rest) {
            let bytes = self.rest.split_to(end);
            let _ = self.rest.split_to(delimiter.len());
            self.place = Place::Boundary;
            return Ok(bytes);
        }
        // A delimiter may have begun at the end.
        let kept = (0..delimiter.len())
            .rev()
            .find(|length| delimiter.get(..*length).is_some_and(|beginning| self.rest.ends_with(beginning)));
        let bytes = self.rest.split_to(self.rest.len() - kept.unwrap_or(0));
        if bytes.is_empty() {
            self.more().await?;
        }
        Ok(bytes)
    }

    /// What follows a delimiter: the head of a part, or nothing after the last one.
    async fn boundary(&mut self) -> Result<Option<Step>, Failure> {
        loop {
            if self.rest.starts_with(b"--") {
                return Ok(None);
            }
            if let Some(end) = memmem::find(&self.rest, b"\r\n\r\n") {
                let head = self.rest.split_to(end + 4);
                return part(&String::from_utf8_lossy(&head)).map(Some).map_err(Failure::Malformed);
            }
            if self.rest.len() > LONGEST_HEAD {
                return Err(malformed("the head of a part has no end"));
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> Result<(), Failure> {
        match self.content.next().await {
            Some(Ok(bytes)) if self.rest.is_empty() => self.rest = bytes,
            Some(Ok(bytes)) => {
                let mut joined = BytesMut::with_capacity(self.rest.len() + bytes.len());
                joined.extend_from_slice(&self.rest);
                joined.extend_from_slice(&bytes);
                self.rest = joined.freeze();
            }
            Some(Err(error)) => return Err(Failure::Content(error)),
            None => return Err(malformed("it ends before its last boundary")),
        }
        Ok(())
    }
}

fn part(head: &str) -> Result<Step, Malformed> {
    let named = |line: &str| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("content-disposition").then(|| value.to_owned())
    };
    let disposition = head.lines().find_map(named).unwrap_or_default();
    match parameter(&disposition, "name") {
        Some(name) => Ok(Step::Part { name, filename: parameter(&disposition, "filename") }),
        None => Err(Malformed("a part has no name".to_owned())),
    }
}

fn malformed(what: &str) -> Failure {
    Failure::Malformed(Malformed(what.to_owned()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use futures_util::stream;

    use super::*;

    const TEXT: &str = "--x\r\nContent-Disposition: form-data; name=\"metadata\"; filename=\"meta-ab.tar.xz\"\r\n\
        Content-Type: application/octet-stream\r\n\r\nfirst\r\n--y\r\n\r\n--x\r\n\
        content-disposition: form-data; name=rootfs\r\n\r\n\r\n\r\n--x--\r\n\r\n--x--\r\n";

    /// The parts of a text that comes in pieces of `size` bytes.
    async fn read(text: &str, size: usize) -> Result<Vec<(String, Option<String>, String)>, Failure> {
        let pieces: Vec<_> = text.as_bytes().chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut parts = Parts::new("x", Box::pin(stream::iter(pieces)));
        let mut read: Vec<(String, Option<String>, String)> = Vec::new();
        while let Some(step) = parts.next().await? {
            match step {
                Step::Part { name, filename } => read.push((name, filename, String::new())),
                Step::Bytes(bytes) => read.last_mut().unwrap().2.push_str(std::str::from_utf8(&bytes).unwrap()),
            }
        }
        Ok(read)
    }

    #[tokio::test]
    async fn parts_are_the_same_however_they_come() {
        for size in 1..TEXT.len() + 1 {
            let read = read(TEXT, size).await.unwrap();
            let metadata = ("metadata".to_owned(), Some("meta-ab.tar.xz".to_owned()), "first\r\n--y\r\n".to_owned());
            assert_eq!(read, [metadata, ("rootfs".to_owned(), None, "\r\n".to_owned())], "in pieces of {size}");
        }
    }

    #[tokio::test]
    async fn what_is_cut_short_is_no_multipart_text() {
        let end = TEXT.find("--x--").unwrap();
        for length in 0..end + 4 {
            assert!(matches!(read(&TEXT[..length], 7).await, Err(Failure::Malformed(_))), "{length}");
        }
        read(&TEXT[..end + 5], 7).await.unwrap();
    }

    #[tokio::test]
    async fn a_head_without_an_end_or_a_name_is_refused() {
        let endless = format!("--x\r\n{}", "a".repeat(2 * LONGEST_HEAD));
        for text in [endless.as_str(), "--x\r\nContent-Type: a\r\n\r\n\r\n--x--"] {
            assert!(matches!(read(text, 1000).await, Err(Failure::Malformed(_))));
        }
    }
}
