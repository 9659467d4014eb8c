//! Copies of one image that overlap: the server lets each of them succeed, on one image. Which of them brought it in shows in
//! the server's operations (Incus 6.0.4). Not for putting right what the others have overwritten.

use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep};

use super::{Client, Imported};
use crate::incus::operation::{Operation, State};
use crate::incus::{Error, Project, requests};

/// How long a copy waits for the end of those it overlaps with.
const PATIENCE: Duration = Duration::from_secs(2);

/// Between two looks at the operations.
const PAUSE: Duration = Duration::from_millis(50);

/// What Incus calls an operation that copies an image.
const COPY: &str = "Downloading image";

/// Whose image it is that a copy has ended with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// This copy's.
    Own,
    /// It was there, or another copy brought it in.
    Others,
    /// Another copy has yet to end.
    Open,
}

impl Client {
    /// Whether a copy that succeeded has brought its image in, which has come to the server at `uploaded_at`. Else it has landed
    /// on an image that was there, or that another copy at the same time has brought in.
    pub async fn has_brought_in(
        &self,
        project: &Project,
        copy: &Imported,
        uploaded_at: OffsetDateTime,
    ) -> Result<bool, Error> {
        let begun = Instant::now();
        loop {
            match verdict(copy, uploaded_at, &self.operations(project).await?) {
                Verdict::Own => return Ok(true),
                Verdict::Others => return Ok(false),
                Verdict::Open if begun.elapsed() > PATIENCE => return Ok(true),
                Verdict::Open => sleep(PAUSE).await,
            }
        }
    }

    /// The operations of a project: those that run, and those that ended within the last five seconds.
    async fn operations(&self, project: &Project) -> Result<Vec<Operation>, Error> {
        let what = "list the operations";
        let (states, _) = self.done(what, requests::operations(project)).await?;
        let states = states.as_object().into_iter().flat_map(|states| states.values());
        let operations = states.filter_map(Value::as_array).flatten();
        // Those that copy nothing may look otherwise.
        Ok(operations.filter_map(|operation| Operation::from_json(operation).ok()).collect())
    }
}

fn verdict(copy: &Imported, uploaded_at: OffsetDateTime, operations: &[Operation]) -> Verdict {
    let is_earlier = |other: &Operation| (other.created_at, &other.id) < (copy.started_at, &copy.operation);
    let others = || operations.iter().filter(|other| other.id != copy.operation && other.description == COPY);
    let has_brought_it_in = |other: &Operation| {
        let is_it = other.fingerprint.as_ref() == Some(&copy.fingerprint);
        is_earlier(other) && is_it && other.state == State::Succeeded && other.updated_at >= uploaded_at
    };
    // One that downloads nothing may be waiting for this very image, to overwrite its fields.
    let may_interfere =
        |other: &Operation| other.state == State::Running && (is_earlier(other) || other.progress.is_none());
    if uploaded_at < copy.started_at || others().any(has_brought_it_in) {
        Verdict::Others
    } else if others().any(may_interfere) {
        Verdict::Open
    } else {
        Verdict::Own
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::incus::Fingerprint;

    /// 2026-01-02T03:00:00Z, and so many seconds.
    fn instant(seconds: i64) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_767_322_800 + seconds).unwrap()
    }

    /// A copy that was begun at this second, of an image that came at the tenth.
    fn copy(second: i64) -> Imported {
        let fingerprint = Fingerprint::parse(&"ab".repeat(32)).unwrap();
        Imported { fingerprint, started_at: instant(second), operation: "m".into() }
    }

    fn other(changes: &Value) -> Operation {
        let mut other = json!({
            "id": "a", "description": "Downloading image", "status": "", "status_code": 200, "err": "",
            "created_at": "2026-01-02T03:00:05Z", "updated_at": "2026-01-02T03:00:11Z",
            "metadata": {"fingerprint": "ab".repeat(32)},
        });
        other.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        Operation::from_json(&other).unwrap()
    }

    fn beside(copied: &Imported, changes: &Value) -> Verdict {
        verdict(copied, instant(10), &[other(changes)])
    }

    #[test]
    fn an_image_that_was_there_is_others() {
        assert_eq!(verdict(&copy(11), instant(10), &[]), Verdict::Others);
        assert_eq!(verdict(&copy(5), instant(10), &[]), Verdict::Own);
    }

    #[test]
    fn of_two_that_succeed_the_earlier_one_has_it() {
        assert_eq!(beside(&copy(6), &json!({})), Verdict::Others);
        assert_eq!(beside(&copy(4), &json!({})), Verdict::Own);
        assert_eq!(beside(&copy(5), &json!({"id": "a"})), Verdict::Others, "the same instant: the smaller id");
        assert_eq!(beside(&copy(5), &json!({"id": "z"})), Verdict::Own);
        assert_eq!(beside(&copy(5), &json!({"id": "m"})), Verdict::Own, "itself");
    }

    #[test]
    fn other_operations_do_not_matter() {
        for changes in [
            json!({"metadata": {"fingerprint": "cd".repeat(32)}}),
            json!({"description": "Deleting image"}),
            json!({"status_code": 400, "err": "no space"}),
            json!({"updated_at": "2026-01-02T03:00:09Z"}),
        ] {
            assert_eq!(beside(&copy(6), &changes), Verdict::Own, "{changes}");
        }
    }

    #[test]
    fn nothing_is_decided_while_a_copy_of_the_same_may_be_under_way() {
        let loading = json!({"download_progress": "rootfs: 35%"});
        assert_eq!(beside(&copy(6), &json!({"status_code": 103, "metadata": loading})), Verdict::Open);
        assert_eq!(beside(&copy(4), &json!({"status_code": 103, "metadata": loading})), Verdict::Own);
        assert_eq!(beside(&copy(4), &json!({"status_code": 103, "metadata": null})), Verdict::Open);
    }
}
