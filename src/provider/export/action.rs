//! The action `incus_image_export`: the files that the resource would write, once, and then in nobody's care.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use super::declared;
use super::engine;
use super::model::{ExportActionModel, ExportModel};
use super::notes::WrittenFile;
use super::{selection, validate};
use crate::incus::INTERVAL;
use crate::provider::connections::Connections;
use crate::tfplugin::action::{Action, Progress};
use crate::tfplugin::attr::Attr;
use crate::tfplugin::context::Context;
use crate::tfplugin::diagnostic::{Diagnostic, Diagnostics};

/// The action `incus_image_export`.
#[derive(Debug)]
pub(crate) struct ExportAction {
    connections: Arc<Connections>,
}

impl ExportAction {
    pub(crate) fn new(connections: Arc<Connections>) -> ExportAction {
        ExportAction { connections }
    }

    /// The export that is asked for, with its place.
    fn placed(&self, config: ExportActionModel) -> Result<ExportModel, Diagnostic> {
        let export = config.export();
        let place = selection::place(&export, &export, &self.connections)?;
        Ok(ExportModel { remote: place.remote, project: place.project, ..export })
    }
}

#[async_trait]
impl Action for ExportAction {
    type Model = ExportActionModel;

    const NAME: &'static str = "incus_image_export";

    fn validate(&self, config: &ExportActionModel, diagnostics: &mut Diagnostics) {
        validate::validate(&config.clone().export(), diagnostics);
    }

    async fn plan(&self, config: ExportActionModel, context: &mut Context) -> Result<(), Diagnostics> {
        let export = self.placed(config)?;
        if let (Attr::Known(_), false) = (&export.path, export.overwrite.is_unknown()) {
            let destination = declared::destination(&export, &self.connections);
            if let Err(obstacle) = engine::look_ahead(&destination, declared::foreign(&export)) {
                // Something in the run may clear it away first.
                context.warn(obstacle);
            }
        }
        declared::look_ahead(&export, &self.connections, context).await?;
        Ok(())
    }

    async fn invoke(
        &self,
        config: ExportActionModel,
        progress: &Progress,
        context: &mut Context,
    ) -> Result<(), Diagnostics> {
        let export = self.placed(config)?;
        let (server, image) = declared::find(&export, &self.connections).await?;
        progress.tell(format!("Exporting image {}: {} bytes", image.fingerprint, image.size)).await;
        let length = AtomicU64::new(0);
        let note = |now| length.store(now, Ordering::Relaxed);
        let exporting = declared::write(&export, (&server, &image), &[], &self.connections, &note, &context.stop);
        let written = tokio::select! {
            written = exporting => written?,
            never = report(progress, &length, image.size) => match never {},
        };
        progress.tell(summary(&written)).await;
        Ok(())
    }
}

/// Tells every few seconds how far it is, also while nothing comes.
async fn report(progress: &Progress, length: &AtomicU64, size: u64) -> Infallible {
    loop {
        tokio::time::sleep(INTERVAL).await;
        progress.tell(so_far(length.load(Ordering::Relaxed), size)).await;
    }
}

fn so_far(length: u64, size: u64) -> String {
    match (u128::from(length) * 100).checked_div(u128::from(size)) {
        Some(percent @ 0..=100) => format!("{length} of {size} bytes ({percent} %)"),
        // The size of some images is not known before they are here.
        _ => format!("{length} bytes"),
    }
}

fn summary(written: &[WrittenFile]) -> String {
    let file =
        |file: &WrittenFile| format!("{} ({} bytes, sha256 {})", file.path().display(), file.stamp.size, file.sha256);
    format!("Exported {}", written.iter().map(file).collect::<Vec<_>>().join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_a_percentage_where_the_size_is_known() {
        assert_eq!(so_far(0, 3), "0 of 3 bytes (0 %)");
        assert_eq!(so_far(2, 3), "2 of 3 bytes (66 %)");
        assert_eq!(so_far(u64::MAX, u64::MAX), format!("{0} of {0} bytes (100 %)", u64::MAX));
        assert_eq!(so_far(5, 0), "5 bytes");
        assert_eq!(so_far(5, 3), "5 bytes");
    }
}
