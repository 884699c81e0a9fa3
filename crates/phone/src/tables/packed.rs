//! The tables: a text of plans and formats; two automata for each plan.

use super::automata::{self, Automata, Likeness, NOWHERE, Node, Source, Unknown, automaton};
use super::coder::{Bits, COMMON, Model, Reader};
use super::list::List;
use super::text;
use crate::plan::Plan;

const GENERAL: usize = 0;
const KINDS: usize = GENERAL + automata::DECISIONS;
const TEXT: usize = KINDS + automata::DECISIONS;
const _: () = assert!(TEXT == COMMON && TEXT + text::FIELDS <= super::coder::KINDS);

/// Which numbers there are.
pub(crate) struct Numbers {
    automata: Automata,
    /// By the places of the plans.
    roots: List<Roots>,
}

/// The automata of one plan.
#[derive(Clone, Copy, Default)]
pub(crate) struct Roots {
    /// That of its general pattern.
    general: Node,
    /// That of its kinds: of the numbers that the general pattern matches.
    kinds: Node,
    /// The lengths of its numbers, a bit each: those of its leaves, for no plan has a length of which each number
    /// also begins a longer one. The comparison with Google's possible lengths would show one.
    lengths: u32,
}

impl Numbers {
    /// Reads the table.
    pub(super) fn read(table: &[u8], plans: &[Plan]) -> Self {
        let mut model = Model::new(Reader::new(table));
        let mut automata = Automata::new();
        let mut all: List<Roots> = List::with_room(plans.len());
        let mut roots = Roots::default();
        let mut main = None;
        for plan in plans {
            let same = main.filter(|main: &&Plan| main.country_code == plan.country_code);
            if same.is_none() {
                main = Some(plan);
                roots = Roots::default();
            }
            roots = self::roots(
                &mut model,
                &mut automata,
                (Unknown, Unknown),
                plan.place,
                roots,
            );
            all.push(roots);
            // The main plan of a country code has the lengths of the others too: +290 8… is Tristan da Cunha's, and
            // one digit shorter. But what is local in the main plan is local (7 digits after +1, which Canada has).
            if let Some(main) = same
                && let Some(of_main) = all.get_mut(main.place)
            {
                of_main.lengths |= roots.lengths & !main.local_only;
            }
        }
        Self {
            automata,
            roots: all,
        }
    }

    /// Whether the plan's general pattern matches, whatever the length.
    pub(crate) fn is_general(&self, plan: &Plan, national: &[u8]) -> bool {
        self.automata.kinds(self.roots(plan).general, national) != 0
    }

    /// The kinds of a number of the plan, a bit each. What has one matches the general pattern, too, and is as long as
    /// the plan's numbers are.
    pub(crate) fn kinds(&self, plan: &Plan, national: &[u8]) -> u16 {
        self.automata.kinds(self.roots(plan).kinds, national)
    }

    /// The lengths of the plan's numbers, a bit each.
    pub(crate) fn lengths(&self, plan: &Plan) -> u32 {
        self.roots(plan).lengths
    }

    fn roots(&self, plan: &Plan) -> Roots {
        self.roots.get(plan.place).copied().unwrap_or_default()
    }
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
pub(crate) fn text<B: Bits>(model: &mut Model<B>, known: &[u8]) -> List<u8> {
    text::text(model, TEXT, known)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use crate::tables::{automata::LENGTHS, numbers, plans};

    #[test]
    fn a_number_of_some_kind_matches_the_general_pattern_and_has_one_of_the_lengths() {
        let numbers = numbers();
        let automata = &numbers.automata;
        for plan in plans() {
            let roots = numbers.roots(plan);
            let mut waiting = vec![(roots.general, roots.kinds, 0)];
            let mut seen = BTreeSet::new();
            while let Some((general, kinds, length)) = waiting.pop() {
                if length == LENGTHS || !seen.insert((general, kinds, length)) {
                    continue;
                }
                if automata.end(kinds, length) != 0 {
                    let code = plan.country_code;
                    assert_ne!(automata.end(general, length), 0, "+{code}, {length} digits");
                    assert_eq!(roots.lengths >> length & 1, 1, "+{code}, {length} digits");
                }
                for digit in 0..10 {
                    let next = |node| automata.next(node, digit);
                    waiting.push((next(general), next(kinds), length + 1));
                }
            }
        }
    }
}
