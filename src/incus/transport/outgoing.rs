//! Content that goes to a server while it comes from another one. Not for where it comes from.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::header;
use reqwest::multipart::{Form, Part};

use crate::incus::simplestreams::{ImageServer, StreamFile};
use crate::incus::{Content, Error};

/// Content for a request, of which nothing has been read yet.
pub(crate) enum Outgoing {
    /// As another server sends it.
    Whole { content_type: String, length: Option<u64>, content: Content },
    /// The halves of a split image: the name of the part, the file's own name, its length, and the file.
    Halves(Vec<(&'static str, String, u64, Content)>),
}

impl Outgoing {
    /// The files of an image server's image. Each is asked for when it is its turn.
    pub(crate) fn of_files(images: &ImageServer, files: &[StreamFile]) -> Self {
        let later = |file: &StreamFile| {
            let (images, file) = (images.clone(), file.clone());
            stream::once(async move { images.open(&file).await }).try_flatten().boxed()
        };
        match files {
            [only] => Self::Whole {
                content_type: "application/octet-stream".to_owned(),
                length: Some(only.size),
                content: later(only),
            },
            halves => Self::Halves(
                halves.iter().map(|half| (half.part, half.name().to_owned(), half.size, later(half))).collect(),
            ),
        }
    }

    /// The request with this content. What keeps it from coming is put into `failure`.
    pub(super) fn onto(
        self,
        request: reqwest::RequestBuilder,
        failure: &Arc<Mutex<Option<Error>>>,
    ) -> reqwest::RequestBuilder {
        let body = |content: Content| {
            let failure = Arc::clone(failure);
            reqwest::Body::wrap_stream(content.map_err(move |error| {
                let text = error.to_string();
                failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                text
            }))
        };
        match self {
            Self::Whole { content_type, length, content } => {
                let request = request.header(header::CONTENT_TYPE, content_type);
                match length {
                    Some(length) => request.header(header::CONTENT_LENGTH, length).body(body(content)),
                    None => request.body(body(content)),
                }
            }
            Self::Halves(halves) => {
                let part = |(name, filename, length, content)| {
                    (name, Part::stream_with_length(body(content), length).file_name::<String>(filename))
                };
                let form = halves.into_iter().map(part).fold(Form::new(), |form, (name, half)| form.part(name, half));
                request.multipart(form)
            }
        }
    }
}
