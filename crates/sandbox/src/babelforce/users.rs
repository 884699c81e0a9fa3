//! Who is asking, and whether anybody is there.

use serde::Serialize;

use super::item;
use crate::exchange::Reply;

/// Somebody who can sign in.
pub(crate) struct Login {
    pub username: &'static str,
    pub password: &'static str,
    user_id: &'static str,
    /// The agent this user is; `None` for the account's own user, a manager.
    pub agent: Option<&'static str>,
}

/// The account's own user.
pub(super) const MANAGER: Login = Login {
    username: "relay@acme.example",
    password: "sandbox-password",
    user_id: "2c3d4e5f60718293a4b5c6d7e8f90a1b",
    agent: None,
};

pub(super) const LOGINS: [Login; 4] = [
    MANAGER,
    Login {
        username: "alex@acme.example",
        password: "alex-password",
        user_id: "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        agent: Some("0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
    },
    Login {
        username: "sam@acme.example",
        password: "sam-password",
        user_id: "b2c3d4e5f60718293a4b5c6d7e8f90a1",
        agent: Some("1b2c3d4e5f60718293a4b5c6d7e8f90a"),
    },
    Login {
        username: "kim@acme.example",
        password: "kim-password",
        user_id: "c3d4e5f60718293a4b5c6d7e8f90a1b2",
        agent: Some("3d4e5f60718293a4b5c6d7e8f90a1b2c"),
    },
];

pub(super) fn login(username: &str) -> Option<&'static Login> {
    LOGINS.iter().find(|login| login.username == username)
}
/// The id of the account and, in v3, of the customer.
pub(super) const ACCOUNT_ID: &str = "7d6c5b4a39281706f5e4d3c2b1a09f8e";
pub(super) const ACCOUNT_NAME: &str = "Acme";

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

pub(super) fn me(login: &Login) -> Reply {
    item(User {
        id: login.user_id,
        username: login.username,
        roles: [match login.agent {
            Some(_) => "agent",
            None => "manager",
        }],
        account: Account {
            id: ACCOUNT_ID,
            company: ACCOUNT_NAME,
        },
    })
}
