//! The table of numbers: a text of plans and formats, then two automata for each plan.

use super::automata::{self, Automata, Likeness, NOWHERE, Node, Source, automaton};
use super::coder::{Bits, COMMON, Model};
use super::text;

const GENERAL: usize = 0;
const KINDS: usize = GENERAL + automata::DECISIONS;
const TEXT: usize = KINDS + automata::DECISIONS;
const _: () = assert!(TEXT == COMMON && TEXT + text::FIELDS <= super::coder::KINDS);

/// The automata of one plan.
#[derive(Clone, Copy, Default)]
pub(crate) struct Roots {
    /// That of its general pattern.
    pub(crate) general: Node,
    /// That of its kinds.
    pub(crate) kinds: Node,
    /// The lengths of its numbers, a bit each: those of its leaves, for no plan has a length of which each number
    /// also begins a longer one (the packer checks that).
    pub(crate) lengths: u32,
}

/// Reads or packs the automata of a plan, of which `general` and `kinds` are packed; `number` is its own, `neighbour`
/// the plan before it that has the same country code.
pub(crate) fn roots<B: Bits, S: Source>(
    model: &mut Model<B>,
    automata: &mut Automata,
    (general, kinds): (S, S),
    number: usize,
    neighbour: Roots,
) -> Roots {
    let number = number as u32;
    let like = Likeness {
        looser: NOWHERE,
        neighbour: neighbour.general,
    };
    let general = automaton(model, automata, general, GENERAL, number, like);
    let like = Likeness {
        looser: general,
        neighbour: neighbour.kinds,
    };
    let before = automata.leaves();
    let kinds = automaton(model, automata, kinds, KINDS, number, like);
    Roots {
        general,
        kinds,
        lengths: automata.lengths_since(before),
    }
}

/// Reads or packs a text.
pub(crate) fn text<B: Bits>(model: &mut Model<B>, known: &[u8]) -> alloc::vec::Vec<u8> {
    text::text(model, TEXT, known)
}
