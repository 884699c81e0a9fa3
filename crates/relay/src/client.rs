//! The HTTP client of everything that the relay sends.

use reqwest::{Client, ClientBuilder, redirect, retry};

/// A client that follows no redirect, repeats nothing and uses no proxy: only the operator says where things are sent, what
/// is sent again is decided by who sends it, and a refused connection has to prove that nothing was sent.
pub fn builder() -> ClientBuilder {
    Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .user_agent(concat!("patchcord-relay/", env!("CARGO_PKG_VERSION")))
}
