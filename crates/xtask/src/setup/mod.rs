//! What a machine needs beyond Rust: one function per tool, nothing done twice.

mod browser;
mod node;
mod packages;
mod trunk;
mod wasm;

pub use browser::browser;
pub use node::{Node, node, node_if_there};
pub use packages::packages;
pub use trunk::trunk;
pub use wasm::wasm_target;
