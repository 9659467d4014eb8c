//! A background operation as the server describes it. Not for waiting, see `wait`.

use serde_json::Value;
use time::OffsetDateTime;

use super::Fingerprint;
use super::answer::{Malformed, instant, list, number, text};

/// Where an operation tells how far it is: one that fetches, and one that publishes.
const PROGRESS: [&str; 2] = ["download_progress", "create_image_from_container_pack_progress"];

/// One look at an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// The identifier that its URL ends in.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) state: State,
    /// What it is for, in the server's words, such as `Downloading image`.
    pub(crate) description: String,
    /// When it was begun, by the server's clock.
    pub(crate) created_at: OffsetDateTime,
    /// When it last changed: of one that has ended, when it ended.
    pub(crate) updated_at: OffsetDateTime,
    /// The image it is about. A failed operation names it too, also when that image was there before.
    pub(crate) fingerprint: Option<Fingerprint>,
    /// The server's words on how far a download or the packing of an instance is, such as `rootfs: 35% (4.27kB/s)`.
    pub(crate) progress: Option<String>,
}

/// Where an operation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not at its end.
    Running,
    /// Ended as wanted.
    Succeeded,
    /// Ended otherwise, with the server's words.
    Failed(String),
}

impl Operation {
    pub(crate) fn from_json(operation: &Value) -> Result<Self, Malformed> {
        let metadata = operation.get("metadata");
        let detail = |key: &str| metadata.and_then(|metadata| metadata.get(key)).and_then(Value::as_str);
        let fingerprint = match detail("fingerprint") {
            Some(text) => Fingerprint::parse(text).ok(),
            None => Self::only_image(operation)?,
        };
        Ok(Self {
            id: text(operation, "id")?.to_owned(),
            state: State::from_json(operation)?,
            description: text(operation, "description")?.to_owned(),
            created_at: instant(operation, "created_at")?,
            updated_at: instant(operation, "updated_at")?,
            fingerprint,
            progress: PROGRESS.iter().find_map(|key| detail(key)).map(str::to_owned),
        })
    }

    /// The image named under `resources`, when there is just one.
    fn only_image(operation: &Value) -> Result<Option<Fingerprint>, Malformed> {
        match operation.get("resources").map(|resources| list(resources, "images")).transpose()? {
            Some([Value::String(url)]) => Ok(fingerprint_in_url(url)),
            _ => Ok(None),
        }
    }
}

impl State {
    fn from_json(operation: &Value) -> Result<Self, Malformed> {
        let message = || match text(operation, "err")? {
            "" => text(operation, "status").map(str::to_owned),
            message => Ok(message.to_owned()),
        };
        match number(operation, "status_code")? {
            200 => Ok(Self::Succeeded),
            100..200 => Ok(Self::Running),
            _ => message().map(Self::Failed),
        }
    }
}

/// The fingerprint in `/1.0/images/FINGERPRINT?project=p`.
pub(crate) fn fingerprint_in_url(url: &str) -> Option<Fingerprint> {
    let path = url.split('?').next()?;
    Fingerprint::parse(path.strip_prefix("/1.0/images/")?).ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(changes: &Value) -> Value {
        let mut operation = json!({
            "id": "3a1c", "class": "task", "description": "Downloading image", "status": "Running", "status_code": 103,
            "resources": {}, "metadata": null, "may_cancel": false, "err": "", "location": "none",
            "created_at": "2026-11-23T15:00:00.25Z", "updated_at": "2026-11-23T15:00:00.25Z",
        });
        operation.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        operation
    }

    fn read(changes: &Value) -> Operation {
        Operation::from_json(&operation(changes)).unwrap()
    }

    #[test]
    fn a_running_operation_tells_its_progress() {
        let download = read(&json!({"metadata": {"download_progress": "rootfs: 35% (4.27kB/s)"}}));
        assert_eq!((download.state, download.fingerprint), (State::Running, None));
        assert_eq!(download.progress.as_deref(), Some("rootfs: 35% (4.27kB/s)"));
        assert_eq!(download.created_at.millisecond(), 250);
        let packing =
            read(&json!({"metadata": {"create_image_from_container_pack_progress": "Image pack: 12.5MB (4MB/s)"}}));
        assert_eq!(packing.progress.as_deref(), Some("Image pack: 12.5MB (4MB/s)"));
    }

    #[test]
    fn the_fingerprint_stays_when_the_operation_failed() {
        let fingerprint = "ab".repeat(32);
        let created = json!({"fingerprint": fingerprint, "size": "386"});
        let done = read(&json!({"status_code": 200, "metadata": created}));
        assert_eq!(done.state, State::Succeeded);
        assert_eq!(done.fingerprint.unwrap().as_str(), fingerprint);
        let failed = read(
            &json!({"status_code": 400, "err": "Image with same fingerprint already exists", "metadata": created}),
        );
        assert_eq!(failed.state, State::Failed("Image with same fingerprint already exists".into()));
        assert_eq!(failed.fingerprint.unwrap().as_str(), fingerprint);
    }

    #[test]
    fn a_cancelled_operation_has_failed() {
        let cancelled = read(&json!({"status": "Cancelled", "status_code": 401}));
        assert_eq!(cancelled.state, State::Failed("Cancelled".into()));
    }

    #[test]
    fn the_image_is_found_under_resources_too() {
        let fingerprint = "cd".repeat(32);
        let one = read(&json!({"resources": {"images": [format!("/1.0/images/{fingerprint}?project=p")]}}));
        assert_eq!(one.fingerprint.unwrap().as_str(), fingerprint);
        assert_eq!(read(&json!({"resources": {"images": null}})).fingerprint, None);
    }

    #[test]
    fn what_is_no_operation_is_refused() {
        assert!(Operation::from_json(&json!({})).is_err());
        assert!(Operation::from_json(&Value::Null).is_err());
    }
}
