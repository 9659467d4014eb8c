//! The `timeouts` block: how long a step may take, and what happens when it takes longer.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::model::TimeoutsModel;
use crate::provider::diagnostics::refuse;
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};
use crate::tfplugin::path::{Path, Step};

/// A step that may take only so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limited {
    Create,
    Read,
    Update,
    Delete,
}

impl Limited {
    const ALL: [Limited; 4] = [Limited::Create, Limited::Read, Limited::Update, Limited::Delete];

    /// The argument in the block.
    fn argument(self) -> &'static str {
        match self {
            Limited::Create => "create",
            Limited::Read => "read",
            Limited::Update => "update",
            Limited::Delete => "delete",
        }
    }

    /// What is configured for the step.
    fn configured(self, timeouts: &TimeoutsModel) -> &Attr<String> {
        match self {
            Limited::Create => &timeouts.create,
            Limited::Read => &timeouts.read,
            Limited::Update => &timeouts.update,
            Limited::Delete => &timeouts.delete,
        }
    }

    /// How long the step may take.
    pub(crate) fn limit(self, timeouts: Option<&TimeoutsModel>) -> Duration {
        let configured = timeouts.and_then(|timeouts| self.configured(timeouts).known());
        // Validation has refused what is none.
        configured.and_then(|text| duration(text).ok()).unwrap_or(match self {
            Limited::Create | Limited::Update => Duration::from_secs(60 * 60),
            Limited::Read => Duration::from_secs(5 * 60),
            Limited::Delete => Duration::from_secs(10 * 60),
        })
    }

    /// The error when the step took longer.
    pub(crate) fn exceeded(self, limit: Duration) -> Diagnostic {
        let detail = format!(
            "It took longer than {} s. If it is still to succeed, allow more: timeouts {{ {} = \"…\" }}.",
            limit.as_secs(),
            self.argument()
        );
        Diagnostic::error("Timed out", detail)
    }
}

/// Tells what is wrong with the block.
pub(crate) fn validate(timeouts: Option<&TimeoutsModel>, diagnostics: &mut Diagnostics) {
    let Some(timeouts) = timeouts else { return };
    for step in Limited::ALL {
        if let Some(Err(error)) = step.configured(timeouts).known().map(|text| duration(text)) {
            let path = Path::attribute("timeouts").then(Step::Attribute(step.argument().to_owned()));
            refuse(diagnostics, path, error);
        }
    }
}

/// The clock of a running step. When its time is up, the step is stopped as if the user had asked for it.
#[derive(Debug)]
pub(crate) struct Clock {
    step: Limited,
    limit: Duration,
    user: CancellationToken,
    alarm: JoinHandle<()>,
    stop: CancellationToken,
}

impl Clock {
    /// Starts the clock of a step whose surroundings are `context`.
    pub(crate) fn start(step: Limited, timeouts: Option<&TimeoutsModel>, context: &mut Context) -> Clock {
        let (limit, user, stop) = (step.limit(timeouts), context.stop.clone(), context.stop.child_token());
        context.stop = stop.clone();
        let ring = stop.clone();
        let alarm = tokio::spawn(async move {
            tokio::time::sleep(limit).await;
            ring.cancel();
        });
        Clock { step, limit, user, alarm, stop }
    }

    /// Says why a step was stopped, if the clock stopped it.
    pub(crate) fn explain(self, outcome: Result<(), Diagnostics>) -> Result<(), Diagnostics> {
        self.alarm.abort();
        let timed_out = self.stop.is_cancelled() && !self.user.is_cancelled();
        outcome.map_err(|mut failures| {
            if timed_out {
                failures.push(self.step.exceeded(self.limit));
            }
            failures
        })
    }
}

/// A text that is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no duration. Write numbers with units, as in \"90s\", \"60m\" or \"1h30m\".")]
struct InvalidDuration(String);

/// Reads a duration as Go writes it: numbers, with fractions if need be, each with a unit of h, m, s or ms.
fn duration(text: &str) -> Result<Duration, InvalidDuration> {
    let invalid = || InvalidDuration(text.to_owned());
    let (mut seconds, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(invalid)?;
        let (number, unit_on) = rest.split_at(number);
        let unit = unit_on.find(|c: char| c.is_ascii_digit()).unwrap_or(unit_on.len());
        let (unit, next) = unit_on.split_at(unit);
        let unit = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            _ => return Err(invalid()),
        };
        seconds += number.parse::<f64>().map_err(|_| invalid())? * unit;
        rest = next;
    }
    Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero()).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_in_go() {
        let seconds = |text: &str| duration(text).map(|duration| duration.as_secs_f64());
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("60m"), Ok(3600.0));
        assert_eq!(seconds("1h30m"), Ok(5400.0));
        assert_eq!(seconds("1.5h"), Ok(5400.0));
        assert_eq!(seconds("250ms"), Ok(0.25));
        for text in ["", "5", "m", "5 m", "0s", "-5m", "5d", "1h-3m", "1..2s"] {
            assert_eq!(seconds(text), Err(InvalidDuration(text.to_owned())));
        }
    }

    #[test]
    fn what_is_not_configured_has_a_default() {
        assert_eq!(Limited::Read.limit(None), Duration::from_secs(300));
        let timeouts = TimeoutsModel { delete: "30s".into(), ..TimeoutsModel::default() };
        assert_eq!(Limited::Delete.limit(Some(&timeouts)), Duration::from_secs(30));
        assert_eq!(Limited::Create.limit(Some(&timeouts)), Duration::from_secs(3600));
    }
}
