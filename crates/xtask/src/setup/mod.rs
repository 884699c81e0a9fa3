//! What a machine needs beyond Rust: one function per tool, nothing done twice.

mod browser;
mod cargo_fuzz;
mod cargo_program;
mod debian;
mod mdbook;
mod nginx;
mod node;
mod other_browsers;
mod packages;
mod phonenumbers;
mod postgres;
mod trunk;
mod wasm;

pub use browser::browser;
pub use cargo_fuzz::cargo_fuzz;
pub use mdbook::mdbook;
pub use nginx::nginx;
pub use node::{Node, node, node_if_there};
pub use other_browsers::other_browsers;
pub use packages::packages;
pub use phonenumbers::{phonenumbers, pin_newest_phonenumbers};
pub use postgres::{Durability, Postgres};
pub use trunk::trunk;
pub use wasm::wasm_target;
