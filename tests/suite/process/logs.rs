//! What goes to stderr, and how much of it. That every line is hclog is checked at each shutdown of a host.

use crate::support::host::{Exit, Host, Identity, Launch};

/// A life in which something is worth a warning: a stranger knocks.
async fn life_with_a_warning(launch: Launch) -> Exit {
    let plugin = launch.spawn().await;
    drop(plugin.open(Identity::Stranger).await.unwrap());
    Host::attach(plugin).await.shutdown().await
}

fn levels(exit: &Exit) -> Vec<String> {
    exit.log().into_iter().map(|line| line.level).collect()
}

#[tokio::test]
async fn everything_is_hclog_at_trace() {
    let exit = life_with_a_warning(Launch::as_terraform().env("TF_LOG", "trace")).await;
    let log = exit.log();
    let warning = log.iter().find(|line| line.level == "warn").expect("the stranger is noted");
    assert!(warning.message.contains("refused a client"), "{warning:?}");
    assert!(warning.module.starts_with("terraform_provider_incus::"), "{warning:?}");
    assert!(warning.fields["error"].is_string(), "{warning:?}");
    let serving = log.iter().find(|line| line.message == "serving").expect("the start is noted");
    assert_eq!((serving.level.as_str(), &serving.fields["network"]), ("debug", &"unix".into()));
}

#[tokio::test]
async fn libraries_do_not_chatter() {
    let exit = life_with_a_warning(Launch::as_terraform().env("TF_LOG", "trace")).await;
    for line in exit.log() {
        let ours = line.module.starts_with("terraform_provider_incus");
        assert!(ours || ["warn", "error"].contains(&line.level.as_str()), "{line:?}");
    }
}

#[tokio::test]
async fn the_level_is_terraforms_and_the_providers_own_comes_first() {
    let quiet = life_with_a_warning(Launch::as_terraform()).await;
    assert_eq!(quiet.stderr, "");

    let warnings = life_with_a_warning(Launch::as_terraform().env("TF_LOG", "WARN")).await;
    assert_eq!(levels(&warnings), ["warn"]);

    let own = Launch::as_terraform().env("TF_LOG", "trace").env("TF_LOG_PROVIDER_INCUS", "error");
    assert_eq!(life_with_a_warning(own).await.stderr, "");
}
