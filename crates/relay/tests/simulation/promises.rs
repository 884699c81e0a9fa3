//! What a story knows of each callback beside the database: what was promised, what may have been done about it,
//! and which states it was seen in.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_core::callback::CallbackState;

/// A hand-over that began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The platform may have acted.
    Maybe,
    /// It is proven, and stored, that nothing was done.
    Nothing,
}

/// Which hand-over: after how many decisions of a person, and the how-many-th since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun(u32, usize);

/// One callback.
#[derive(Debug, Default)]
pub struct Promise {
    /// The visitor was thanked.
    pub thanked: bool,
    /// How often the platform acted.
    pub acted: u32,
    /// How often a person had it handed over again.
    pub again: u32,
    /// The hand-overs since a person decided last.
    pub sent: Vec<Sent>,
    /// Every state that it was seen in.
    pub seen: BTreeSet<&'static str>,
}

/// All of them, by their ids.
#[derive(Debug, Default)]
pub struct Promises(BTreeMap<String, Promise>);

impl Promises {
    pub fn of(&mut self, id: &str) -> &mut Promise {
        self.0.entry(id.to_owned()).or_default()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Promise)> {
        self.0.iter()
    }

    /// A hand-over begins. Only where all those before it did nothing.
    pub fn begin(&mut self, id: &str) -> Begun {
        let promise = self.of(id);
        assert!(
            promise.sent.iter().all(|sent| *sent == Sent::Nothing),
            "{id} is handed over again though it may have arrived: {promise:?}"
        );
        promise.sent.push(Sent::Maybe);
        Begun(promise.again, promise.sent.len() - 1)
    }

    /// It is stored that this hand-over did nothing. One from before a person's decision counts no more.
    pub fn did_nothing(&mut self, id: &str, begun: Begun) {
        let promise = self.of(id);
        if begun.0 == promise.again {
            promise.sent[begun.1] = Sent::Nothing;
        }
    }

    /// A person has it handed over again.
    pub fn again(&mut self, id: &str) {
        let promise = self.of(id);
        promise.again += 1;
        promise.sent.clear();
    }

    pub fn saw(&mut self, id: &str, state: CallbackState) {
        self.of(id).seen.insert(state.as_str());
    }
}
