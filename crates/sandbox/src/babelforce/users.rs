//! Who is asking, and whether anybody is there.

use serde::Serialize;

use super::item;
use crate::exchange::Reply;

/// The account's one user, as at the OAuth endpoints.
pub(super) const USERNAME: &str = "relay@acme.example";
pub(super) const PASSWORD: &str = "sandbox-password";
/// The id of the account and, in v3, of the customer.
pub(super) const ACCOUNT_ID: &str = "7d6c5b4a39281706f5e4d3c2b1a09f8e";
const USER_ID: &str = "2c3d4e5f60718293a4b5c6d7e8f90a1b";

#[derive(Serialize)]
struct Pong {
    message: &'static str,
}

pub(super) fn ping() -> Reply {
    item(Pong { message: "pong" })
}

#[derive(Serialize)]
struct User {
    id: &'static str,
    username: &'static str,
    roles: [&'static str; 1],
    account: Account,
}

#[derive(Serialize)]
struct Account {
    id: &'static str,
    company: &'static str,
}

pub(super) fn me() -> Reply {
    item(User {
        id: USER_ID,
        username: USERNAME,
        roles: ["manager"],
        account: Account {
            id: ACCOUNT_ID,
            company: "Acme",
        },
    })
}
