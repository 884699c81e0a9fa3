//! The table of numbers: a text of plans and formats, then two automata for each plan.

use alloc::vec::Vec;

use super::automata::{self, Automata, Likeness, NOWHERE, Node, Source, automaton};
use super::coder::{Bits, Model};
use super::text::{self, text};

const GENERAL: usize = 0;
const KINDS: usize = GENERAL + automata::DECISIONS;
const TEXT: usize = KINDS + automata::DECISIONS;
const _: () = assert!(TEXT + text::DECISIONS <= super::coder::KINDS);

/// What the table of numbers holds.
pub(crate) struct Packed {
    /// A line for each plan, and an indented one for each of its formats.
    pub(crate) text: Vec<u8>,
    pub(crate) automata: Automata,
    /// For each plan the automata of its general pattern and of its kinds.
    pub(crate) roots: Vec<Roots>,
}

/// The automata of one plan.
#[derive(Clone, Copy)]
pub(crate) struct Roots {
    pub(crate) general: Node,
    pub(crate) kinds: Node,
    /// The lengths of its numbers, a bit each: those of its leaves, for no plan has a length of which each number
    /// also begins a longer one (the packer checks that).
    pub(crate) lengths: u32,
}

const NONE: Roots = Roots {
    general: NOWHERE,
    kinds: NOWHERE,
    lengths: 0,
};

/// Reads or packs the table of numbers; `known` and `source`, which gives the automata of a plan, are packed.
pub(crate) fn numbers<B: Bits, S: Source>(
    model: &mut Model<B>,
    known: &[u8],
    source: impl Fn(usize) -> (S, S),
) -> Packed {
    let text = text(model, TEXT, known);
    let mut automata = Automata::default();
    let mut roots = Vec::new();
    let mut last = NONE;
    let plans = text.split(|byte| *byte == b'\n');
    for line in plans.filter(|line| line.first().is_some_and(|first| *first != b' ')) {
        // A line without a country code is of the code before it.
        if line.iter().take(3).any(u8::is_ascii_digit) {
            last = NONE;
        }
        let (general, kinds) = source(roots.len());
        let plan = roots.len() as u32;
        let like = Likeness {
            looser: NOWHERE,
            neighbour: last.general,
        };
        let general = automaton(model, &mut automata, &general, GENERAL, plan, like);
        let like = Likeness {
            looser: general,
            neighbour: last.kinds,
        };
        let before = automata.leaves();
        let kinds = automaton(model, &mut automata, &kinds, KINDS, plan, like);
        last = Roots {
            general,
            kinds,
            lengths: automata.lengths_since(before),
        };
        roots.push(last);
    }
    Packed {
        text,
        automata,
        roots,
    }
}

/// Reads or packs a text by itself.
#[cfg(any(feature = "find", feature = "pack", feature = "short"))]
pub(crate) fn only_text<B: Bits>(model: &mut Model<B>, known: &[u8]) -> Vec<u8> {
    text(model, TEXT, known)
}
