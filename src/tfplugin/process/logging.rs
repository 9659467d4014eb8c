//! Logs as go-plugin reads them from stderr: a JSON object a line, in hclog's form.
//! Decides how much is logged; what a line looks like is in `hclog`.

use std::env;
use std::io::{self, Write};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;

use super::About;
use super::hclog::Hclog;

/// From here on `tracing` events go to stderr.
pub(super) fn start(about: &About) {
    let level = level(about, |name| env::var(name).ok());
    // Libraries tell at length what they do with bytes and frames, some of which are secret.
    let targets =
        Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(env!("CARGO_CRATE_NAME"), level);
    // Fails when a subscriber is set already, which then gets the events.
    let _ = tracing::subscriber::set_global_default(Registry::default().with(targets).with(Hclog(write)));
}

/// One write a line, or lines of several threads would mix. Without a reader there is nobody to tell.
fn write(line: &str) {
    let _ = io::stderr().write_all(line.as_bytes());
}

/// How much to log: the first of the variables that is set decides, the most particular one first.
///
/// Terraform filters what we write once more, by its own reading of them. Errors are written even if none is set.
fn level(about: &About, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let own = format!("TF_LOG_PROVIDER_{}", about.provider_type().to_uppercase().replace('-', "_"));
    let value = [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()));
    match value.map(|value| value.to_uppercase()).as_deref() {
        None | Some("ERROR") => LevelFilter::ERROR,
        Some("OFF") => LevelFilter::OFF,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        // TRACE, and JSON, which is trace in another form. Terraform, too, takes a word it doesn't know for trace.
        Some(_) => LevelFilter::TRACE,
    }
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::level;
    use crate::tfplugin::process::About;

    fn level_with(variables: &[(&str, &str)]) -> LevelFilter {
        let about = About { name: "terraform-provider-two-words", version: "1.0.0", source: "a/b" };
        level(&about, |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_most_particular_variable_that_is_set_decides() {
        assert_eq!(level_with(&[]), LevelFilter::ERROR);
        assert_eq!(level_with(&[("TF_LOG", "debug")]), LevelFilter::DEBUG);
        assert_eq!(level_with(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "WARN")]), LevelFilter::WARN);
        assert_eq!(level_with(&[("TF_LOG_PROVIDER_TWO_WORDS", "off"), ("TF_LOG", "trace")]), LevelFilter::OFF);
        assert_eq!(level_with(&[("TF_LOG_PROVIDER", ""), ("TF_LOG", "info")]), LevelFilter::INFO);
    }

    #[test]
    fn json_and_unknown_words_mean_trace() {
        assert_eq!(level_with(&[("TF_LOG", "JSON")]), LevelFilter::TRACE);
        assert_eq!(level_with(&[("TF_LOG", "1")]), LevelFilter::TRACE);
    }
}
