//! Being known to a server by the tokens of an identity provider, as the `incus` client left them after logging in. Nobody is asked
//! to log in here: the tokens are used, and renewed as long as the provider does that.

mod challenge;
mod error;
mod issuer;
mod session;
mod tokens;

pub(crate) use challenge::Challenge;
pub use error::LoginError;
pub(crate) use oauth2::AccessToken;
pub(crate) use session::Session;
pub(crate) use tokens::Tokens;
