//! What a data source is written with.

use async_trait::async_trait;

use super::context::Context;
use super::diagnostic::Diagnostics;
use super::model::Model;

/// A data source.
#[async_trait]
pub trait DataSource: Send + Sync + Sized + 'static {
    /// The arguments and the results.
    type Model: Model;

    /// The data source type in HCL.
    const NAME: &'static str;

    /// Checks a configuration as far as it is known. Looks at nothing else.
    fn validate(&self, config: &Self::Model, diagnostics: &mut Diagnostics);

    /// The results for `config`, which is wholly known.
    ///
    /// # Errors
    /// Why there are none; that nothing was found is an error too.
    async fn read(&self, config: Self::Model, context: &mut Context) -> Result<Self::Model, Diagnostics>;
}
