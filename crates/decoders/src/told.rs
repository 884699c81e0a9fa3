//! What a platform has told, and the view that this makes: a second reading of the rule of numbers.

use patchcord_core::desk::session::Piece;
use patchcord_core::desk::state::{Numbered, Patch, State, Update};
use patchcord_core::desk::view::View;
use patchcord_core::provider;
use patchcord_core::provider::desk::{Desk, SignIn};

/// The desks of a deployment.
pub fn desk() -> Box<dyn Desk> {
    provider::desk("babelforce", "https://agent.example").expect("desks")
}

/// How its agents sign in.
pub fn sign_in() -> Box<dyn SignIn> {
    provider::sign_in("babelforce", "https://agent.example").expect("a way to sign in")
}

/// An envelope of a stream, with what it says of itself.
pub fn envelope(flags: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a short body");
    [&[flags], &length.to_be_bytes()[..], body].concat()
}

/// What a new reader makes of one message.
pub fn piece(json: &[u8]) -> Piece {
    let mut pieces = desk().reader().read(&envelope(0, json));
    assert_eq!(pieces.len(), 1, "one message is one piece");
    pieces.remove(0)
}

/// One stream, since its newest snapshot.
#[derive(Debug, Clone)]
pub struct Told {
    snapshot: View,
    /// The number of the newest that counted; `None` after a gap.
    seq: Option<u64>,
    patches: Vec<Patch>,
}

impl Told {
    /// A stream that begins.
    pub fn new(seq: u64, snapshot: View) -> Self {
        Self {
            snapshot,
            seq: Some(seq),
            patches: Vec::new(),
        }
    }

    /// The stream goes on. `false` where something is missing: nothing after that counts.
    pub fn hear(&mut self, numbered: &Numbered) -> bool {
        let Some(newest) = self.seq else {
            return false;
        };
        let is_next = newest.checked_add(1) == Some(numbered.seq);
        match &numbered.update {
            Update::Snapshot(view) if numbered.seq > newest => {
                *self = Self::new(numbered.seq, (**view).clone());
            }
            Update::Patch(patch) if is_next => {
                self.seq = Some(numbered.seq);
                self.patches.push(patch.clone());
            }
            Update::Patch(_) if numbered.seq > newest => {
                self.seq = None;
                return false;
            }
            Update::Other if is_next => self.seq = Some(numbered.seq),
            _ => {}
        }
        true
    }

    /// The view that a desk makes of it that begins now.
    pub fn replay(&self) -> View {
        let mut state = State::default();
        state.begin(0, self.snapshot.clone(), 0);
        for (seq, patch) in (1..).zip(&self.patches) {
            let update = Update::Patch(patch.clone());
            state.take(Numbered { seq, update }, 0);
        }
        state.view().clone()
    }
}
