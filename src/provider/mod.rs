//! What the user sees: the provider's configuration, its resources and data sources.
