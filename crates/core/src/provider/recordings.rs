//! Recordings of calls, as the platforms keep them.
//!
//! A link opens a recording for whoever has it, so it is a secret: no log and no `Debug` shows it, and who is given
//! it is for the caller to decide.

use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::secret::Secret;

/// One recording. What the platform does not tell is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// The platform's id.
    pub id: String,
    /// The platform's id of the call.
    pub call: Option<String>,
    /// Seconds.
    pub duration: Option<u64>,
    /// The platform's own word for its state, as `completed`.
    pub state: Option<String>,
    /// The type of the sound, as `audio/mpeg`.
    pub media_type: Option<String>,
    /// Where anybody can fetch the sound who has this address: an `https` (or `http`) one. Absent until there is
    /// something to hear.
    pub link: Option<Secret>,
}

/// A platform that keeps recordings.
pub trait Recordings: Sync {
    /// The request for one recording.
    ///
    /// # Errors
    /// [`InvalidField`](crate::error::Code::InvalidField) for an impossible id, with the field `id`.
    fn ask(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The recording.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read(&self, reply: Reply) -> Result<Recording, Outcome>;

    /// The request for a page of `size` recordings, from 1.
    ///
    /// # Errors
    /// Never so far: for platforms that cannot be asked like that.
    fn ask_list(&self, page: u32, size: u32, token: Option<&Secret>) -> Result<Request, Error>;

    /// The recordings of a page. `page` is the one that was asked for.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Recording>, Outcome>;
}
