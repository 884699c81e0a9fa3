//! Which tab's command a fault is about. All tabs hear of it, and the one whose command it was says so to the others,
//! so that a person is told once.

use patchcord_core::desk::fault::Fault;

use crate::held::Held;

/// How long a fault that is about nothing in this tab is kept back: another one may know it. In milliseconds.
pub const WAIT_MS: u64 = 300;
/// How long another tab's word counts.
const KEEP_MS: u64 = 5_000;

/// What other tabs have said about faults that are theirs: until when it counts, and the fault's name.
#[derive(Debug, Default)]
pub struct Blamed(Held<Vec<(u64, String)>>);

impl Blamed {
    /// What tabs call a fault. The platform gives it no number.
    pub fn name(fault: &Fault) -> String {
        [&*fault.code, " ", fault.call.as_deref().unwrap_or_default()].concat()
    }

    /// Another tab says that a fault is about a command of its own.
    pub fn heard(&self, name: String, now: u64) {
        let mut all = self.0.borrow_mut();
        all.retain(|(until, _)| *until > now);
        all.push((now.saturating_add(KEEP_MS), name));
    }

    /// Whether another tab has said so; it said it for one fault.
    pub fn take(&self, name: &str, now: u64) -> bool {
        let mut all = self.0.borrow_mut();
        let found = all
            .iter()
            .position(|(until, blamed)| *until > now && blamed == name);
        found.map(|place| all.remove(place)).is_some()
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test(unsupported = test)]
    fn each_word_of_another_tab_counts_for_one_fault_and_not_for_long() {
        let blamed = Blamed::default();
        assert!(!blamed.take("transfer_busy 1", 0));
        blamed.heard("transfer_busy 1".to_owned(), 0);
        blamed.heard("transfer_busy 1".to_owned(), 1);
        assert!(!blamed.take("transfer_busy 2", 2), "another call's");
        assert!(blamed.take("transfer_busy 1", 2));
        assert!(blamed.take("transfer_busy 1", 2));
        assert!(!blamed.take("transfer_busy 1", 2));
        blamed.heard("transfer_busy 1".to_owned(), 2);
        assert!(!blamed.take("transfer_busy 1", 2 + KEEP_MS));
    }
}
