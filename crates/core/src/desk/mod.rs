//! An agent's desk: the state of their calls at a platform, and what they do with them.
//!
//! The platform owns the state and tells each change; a desk shows it, sends commands and waits. Nothing is
//! flipped before the platform says so, nothing is sent twice.
//!
//! | module | holds |
//! |---|---|
//! | [`view`] | what is shown |
//! | [`state`] | the one place that changes it: snapshots and patches, numbered |
//! | [`action`], [`allowed`] | everything a person can do, and when |
//! | [`asked`], [`fault`] | what was asked for, and what went wrong with it |
//! | [`link`], [`set_up`] | the stream, kept alive; what is sent when one begins |
//! | [`session`] | all of it as one machine, for a caller to drive |
//! | [`lookup`] | what is asked for beside the state |
//!
//! `docs/desk.md` has the table of what is allowed when.

pub mod action;
pub mod allowed;
pub mod asked;
pub mod fault;
pub mod link;
pub mod lookup;
pub mod session;
pub mod set_up;
pub mod state;
pub mod view;
mod words;
