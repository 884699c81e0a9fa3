//! The Agent API over its real stream.

pub mod panel;

mod calls;
mod campaigns_and_sms;
mod conferences;
mod desk;
mod lookup;
mod misbehaviour;
mod profile;
mod published_shapes;
mod recordings;
mod sign_in;
mod stream;
mod transfers;
mod wrap_up;
