//! Automata that say of what kinds a national number is, digit by digit; how they are held, read and packed.
//!
//! A number plan is a tree of digits. Most of its ways end soon: from some digit on only the length matters.
//! Such an end is a *leaf*, which has the kinds for each length; what is before it is a *branch*.

use alloc::vec::Vec;

use super::coder::{Bits, Model, hash};

/// Lengths of a national number: 0 to 17 digits.
pub(crate) const LENGTHS: usize = 18;
/// A set of kinds, one bit each, for each length of the whole number.
pub(crate) type Leaf = [u16; LENGTHS];

/// Where a number stands after some of its digits: [`NOWHERE`], a leaf (1 and up) or a branch
/// ([`FIRST_BRANCH`] and up).
pub(crate) type Node = u16;
/// No number begins like this.
pub(crate) const NOWHERE: Node = 0;
const FIRST_BRANCH: Node = 4096;

struct Branch {
    next: [Node; 10],
    /// The kinds of a number that ends here.
    here: u16,
}

/// All automata of a table; each is known by its root.
#[derive(Default)]
pub(crate) struct Automata {
    leaves: Vec<Leaf>,
    branches: Vec<Branch>,
}

impl Automata {
    /// The kinds of this number, whose digits are ASCII.
    pub(crate) fn kinds(&self, root: Node, digits: &[u8]) -> u16 {
        let mut node = root;
        for digit in digits {
            match self.branch(node) {
                Some(branch) => {
                    let next = branch.next.get(usize::from(digit.wrapping_sub(b'0')));
                    node = next.copied().unwrap_or(NOWHERE);
                }
                None => break,
            }
        }
        match self.branch(node) {
            Some(branch) => branch.here,
            None => self.leaf(node).get(digits.len()).copied().unwrap_or(0),
        }
    }

    /// How many leaves there are.
    pub(crate) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// The lengths, a bit each, that numbers have which end at a leaf behind the first `leaves`.
    pub(crate) fn lengths_since(&self, leaves: usize) -> u32 {
        let mut lengths = 0;
        for leaf in self.leaves.iter().skip(leaves) {
            for (kinds, length) in leaf.iter().zip(0u32..) {
                lengths |= u32::from(*kinds != 0) << length;
            }
        }
        lengths
    }

    fn branch(&self, node: Node) -> Option<&Branch> {
        self.branches
            .get(usize::from(node.checked_sub(FIRST_BRANCH)?))
    }

    fn leaf(&self, node: Node) -> &Leaf {
        const NONE: &Leaf = &[0; LENGTHS];
        let place = usize::from(node).checked_sub(1);
        place
            .and_then(|place| self.leaves.get(place))
            .unwrap_or(NONE)
    }

    /// Where the ten digits lead from here.
    fn next(&self, node: Node) -> [Node; 10] {
        // What follows the last digit that matters is as it is itself.
        self.branch(node).map_or([node; 10], |branch| branch.next)
    }

    /// All kinds that the numbers of this leaf have; 0 for what is no leaf.
    fn any(&self, node: Node) -> u32 {
        if node >= FIRST_BRANCH {
            return 0;
        }
        self.leaf(node)
            .iter()
            .fold(0, |all, kinds| all | u32::from(*kinds))
    }
}

/// What a node is: nowhere, a leaf, a branch.
fn sort(node: Node) -> u32 {
    u32::from(node != NOWHERE) + u32::from(node >= FIRST_BRANCH)
}

/// An automaton that is to be packed.
pub(crate) trait Source {
    /// The leaves in the order in which a walk comes to them first.
    fn leaves(&self) -> &[Leaf];
    /// A node of it; the root is 0.
    fn node(&self, node: usize) -> SourceNode;
}

/// A node of a [`Source`].
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "pack"), expect(dead_code))]
pub(crate) enum SourceNode {
    /// No number begins like this.
    Nowhere,
    /// The leaf of this place.
    Leaf(usize),
    /// The kinds of a number that ends here, and where the digits lead.
    Branch(u16, [usize; 10]),
}

/// Nothing is known: the automaton is read.
pub(crate) struct Unknown;

impl Source for Unknown {
    fn leaves(&self) -> &[Leaf] {
        &[]
    }

    fn node(&self, _: usize) -> SourceNode {
        SourceNode::Nowhere
    }
}

/// What may foretell an automaton.
pub(crate) struct Likeness {
    /// A looser one of the same plan: what is nowhere there is nowhere here. [`NOWHERE`] if there is none.
    pub(crate) looser: Node,
    /// That of a plan with the same country code. [`NOWHERE`] if there is none.
    pub(crate) neighbour: Node,
}

/// The kinds of decisions, from `Walk::first_kind`.
mod decision {
    /// A digit leads where the digit before it leads; one for each depth, up to 7.
    pub(super) const SAME: usize = 0;
    pub(super) const EARLIER: usize = 8;
    pub(super) const NOWHERE: usize = 9;
    pub(super) const BRANCH: usize = 10;
    pub(super) const LEAF: usize = 11;
    pub(super) const MET: usize = 12;
    pub(super) const WHICH: usize = 13;
    pub(super) const HERE: usize = 14;
    pub(super) const LEAVES: usize = 15;
    pub(super) const LENGTH_SAME: usize = 16;
    pub(super) const LENGTH_NONE: usize = 17;
    pub(super) const LENGTH_KINDS: usize = 18;
    pub(super) const ROOT: usize = 19;
}
/// How many kinds of decisions there are.
pub(crate) const DECISIONS: usize = 20;

/// Reads or packs one automaton and gives its root.
///
/// `plan` is a number for the plan it belongs to, `first_kind` the first of [`DECISIONS`] kinds of the model.
pub(crate) fn automaton<B: Bits>(
    model: &mut Model<B>,
    automata: &mut Automata,
    source: &impl Source,
    first_kind: usize,
    plan: u32,
    like: Likeness,
) -> Node {
    let known = source.leaves();
    let first_leaf = automata.leaves.len() + 1;
    let count = model.number(first_kind + decision::LEAVES, known.len() as u32);
    for place in 0..count as usize {
        let known = known.get(place).copied().unwrap_or_default();
        let leaf = leaf(model, first_kind, automata.leaves.last(), place, known);
        automata.leaves.push(leaf);
    }
    let mut walk = Walk {
        model,
        automata,
        source,
        first_kind,
        plan,
        first_leaf: first_leaf as Node,
        used: 0,
        recent: Vec::new(),
        met: Vec::new(),
        patterns: [0; LENGTHS + 1],
    };
    let root = source.node(0);
    let known = matches!(root, SourceNode::Branch(..));
    if walk.bit(decision::ROOT, &[0], known) {
        walk.branch(root, 0, like)
    } else if count > 0 {
        first_leaf as Node
    } else {
        NOWHERE
    }
}

/// A leaf: for each length the kinds, most of the time those of the length before it.
fn leaf<B: Bits>(
    model: &mut Model<B>,
    first_kind: usize,
    before: Option<&Leaf>,
    place: usize,
    known: Leaf,
) -> Leaf {
    let mut leaf = [0; LENGTHS];
    let mut last = 0u16;
    let place = place.min(8) as u32;
    let before = before.copied().unwrap_or_default();
    let lengths = leaf.iter_mut().zip(known).zip(before).zip(0u32..).skip(1);
    for (((kinds, known), before), length) in lengths {
        let (last_kinds, before) = (u32::from(last), u32::from(before));
        let contexts = [
            hash(&[length, last_kinds.min(1), place.min(3)]),
            hash(&[last_kinds, before]),
            hash(&[length, before, last_kinds]),
        ];
        let same = first_kind + decision::LENGTH_SAME;
        if !model.bit(same, &contexts, known == last) {
            let none = first_kind + decision::LENGTH_NONE;
            if last != 0 && model.bit(none, &[0, length], known == 0) {
                last = 0;
            } else {
                last = kinds_of(model, first_kind, known, &[place, before]);
            }
        }
        *kinds = last;
    }
    leaf
}

/// A set of kinds, each by those before it.
fn kinds_of<B: Bits>(model: &mut Model<B>, first_kind: usize, known: u16, with: &[u32; 2]) -> u16 {
    let [place, before] = *with;
    let mut kinds = 0;
    for kind in 0..12 {
        let so_far = hash(&[kind, u32::from(kinds)]);
        let contexts = [so_far, hash(&[so_far, place]), hash(&[so_far, before, 1])];
        let decision = first_kind + decision::LENGTH_KINDS;
        kinds |= u16::from(model.bit(decision, &contexts, known >> kind & 1 == 1)) << kind;
    }
    kinds
}

struct Walk<'a, B, S> {
    model: &'a mut Model<B>,
    automata: &'a mut Automata,
    source: &'a S,
    first_kind: usize,
    plan: u32,
    first_leaf: Node,
    /// How many leaves the walk has come to.
    used: Node,
    /// Those, the latest first.
    recent: Vec<Node>,
    /// Branches that have been read, which a later digit may lead to as well: in the source, depth, here.
    met: Vec<(usize, u32, Node)>,
    /// For each depth the sorts of the last branch's ten nodes, two bits each.
    patterns: [u32; LENGTHS + 1],
}

impl<B: Bits, S: Source> Walk<'_, B, S> {
    fn bit(&mut self, decision: usize, contexts: &[u32], known: bool) -> bool {
        self.model.bit(self.first_kind + decision, contexts, known)
    }

    fn branch(&mut self, source: SourceNode, depth: u32, like: Likeness) -> Node {
        let (known_here, known_next) = match source {
            SourceNode::Branch(here, next) => (here, next),
            _ => (0, [0; 10]),
        };
        let here = if self.bit(decision::HERE, &[depth], known_here != 0) {
            kinds_of(self.model, self.first_kind, known_here, &[99, 0])
        } else {
            0
        };
        let me = FIRST_BRANCH + self.automata.branches.len() as Node;
        let next = [NOWHERE; 10];
        self.automata.branches.push(Branch { next, here });

        let looser = self.automata.next(like.looser);
        let neighbour = self.automata.next(like.neighbour);
        let last_pattern = self.patterns.get(depth as usize).copied().unwrap_or(0);
        // The distinct nodes so far, the latest last, each with its place in the source.
        let mut distinct: Vec<(Node, usize)> = Vec::with_capacity(10);
        let mut next = [NOWHERE; 10];
        let mut history = 1;
        let mut pattern = 0;
        let mut before = Before::default();
        let digits = next
            .iter_mut()
            .zip(known_next)
            .zip(looser.iter().zip(&neighbour))
            .zip(0u32..);
        for (((node, known), (looser, neighbour)), digit) in digits {
            let around = Around {
                depth,
                digit,
                history,
                last: distinct.last().map_or(3, |(node, _)| sort(*node)),
                // How the other two automata go from the digit before to this one.
                looser: step(before.looser, *looser, digit),
                neighbour: step(before.neighbour, *neighbour, digit)
                    + if like.neighbour == NOWHERE { 64 } else { 0 },
                last_pattern: last_pattern >> (2 * digit.saturating_sub(1)) & 63,
                leaf_there: self.automata.any(*neighbour),
            };
            before = Before {
                looser: *looser,
                neighbour: *neighbour,
            };
            let (found, way) = self.next_node(&mut distinct, known, &around, *looser, *neighbour);
            *node = found;
            history = history * 5 + way;
            pattern |= sort(found) << (2 * digit);
        }
        if let Some(last) = self.patterns.get_mut(depth as usize) {
            *last = pattern;
        }
        let place = usize::from(me - FIRST_BRANCH);
        if let Some(branch) = self.automata.branches.get_mut(place) {
            branch.next = next;
        }
        me
    }

    /// Where a digit leads, and how that was said.
    fn next_node(
        &mut self,
        distinct: &mut Vec<(Node, usize)>,
        known: usize,
        around: &Around,
        looser: Node,
        neighbour: Node,
    ) -> (Node, u32) {
        let Around {
            depth,
            digit,
            history,
            last,
            ..
        } = *around;
        if let Some((node, source)) = distinct.last().copied() {
            let contexts = [
                hash(&[around.looser, last, depth]),
                hash(&[around.looser, last, history % 64, 1]),
                hash(&[history, depth.min(1)]),
                hash(&[around.last_pattern, digit, last]),
                hash(&[self.plan, digit, last, depth]),
                hash(&[around.neighbour, last, around.looser]),
            ];
            let same = decision::SAME + depth.min(7) as usize;
            if self.bit(same, &contexts, known == source) {
                return (node, 1);
            }
        }
        // One of the earlier ones, the latest first.
        for place in (0..distinct.len().saturating_sub(1)).rev() {
            let Some((node, source)) = distinct.get(place).copied() else {
                break;
            };
            let back = (distinct.len() - place) as u32;
            let sort = sort(node);
            let contexts = [
                hash(&[history, back]),
                hash(&[digit, sort, around.last_pattern, last]),
                hash(&[around.looser, sort, last]),
                hash(&[self.plan, sort, last, depth]),
                hash(&[around.neighbour, sort, last, 1]),
            ];
            if self.bit(decision::EARLIER, &contexts, known == source) {
                let latest = distinct.remove(place);
                distinct.push(latest);
                return (node, 2 + u32::from(back > 2));
            }
        }
        let node = self.new_node(distinct, known, around, looser, neighbour);
        distinct.push((node, known));
        (node, 4)
    }

    fn new_node(
        &mut self,
        distinct: &[(Node, usize)],
        known: usize,
        around: &Around,
        looser: Node,
        neighbour: Node,
    ) -> Node {
        let Around { depth, last, .. } = *around;
        let source = self.source.node(known);
        let contexts = [
            hash(&[last, depth, around.looser]),
            hash(&[around.history, depth]),
            hash(&[self.plan, depth, last]),
            hash(&[around.neighbour, last, around.looser]),
            hash(&[around.last_pattern, last, around.digit]),
        ];
        let nowhere = matches!(source, SourceNode::Nowhere);
        let used = distinct.iter().any(|(node, _)| *node == NOWHERE);
        if !used && self.bit(decision::NOWHERE, &contexts, nowhere) {
            return NOWHERE;
        }
        let branch = matches!(source, SourceNode::Branch(..));
        if !self.bit(decision::BRANCH, &contexts, branch) {
            return self.new_leaf(distinct, source, around);
        }
        let contexts = [
            hash(&[depth, last]),
            hash(&[self.plan, depth]),
            around.looser,
        ];
        let place = self
            .met
            .iter()
            .rposition(|(node, at, _)| *node == known && *at == depth + 1);
        if !self.met.is_empty() && self.bit(decision::MET, &contexts, place.is_some()) {
            let back = place.map_or(0, |place| self.met.len() - 1 - place);
            let back = self
                .model
                .number(self.first_kind + decision::WHICH, back as u32);
            let place = self.met.len().saturating_sub(1 + back as usize);
            let Some(met) = self.met.get(place).copied() else {
                return NOWHERE;
            };
            self.met.remove(place);
            self.met.push(met);
            return met.2;
        }
        let size = self.automata.branches.len();
        let like = Likeness { looser, neighbour };
        let node = self.branch(source, depth + 1, like);
        // A branch by itself is said again for less than it takes to point at it.
        if self.automata.branches.len() > size + 1 {
            self.met.push((known, depth + 1, node));
        }
        node
    }

    fn new_leaf(
        &mut self,
        distinct: &[(Node, usize)],
        source: SourceNode,
        around: &Around,
    ) -> Node {
        let known = match source {
            SourceNode::Leaf(place) => self.first_leaf + place as Node,
            _ => NOWHERE,
        };
        let mut back = 0;
        for place in 0..self.recent.len() {
            let Some(leaf) = self.recent.get(place).copied() else {
                break;
            };
            if distinct.iter().any(|(node, _)| *node == leaf) {
                continue;
            }
            let any = self.automata.any(leaf);
            let contexts = [
                hash(&[back, around.depth, u32::from(self.used)]),
                hash(&[any, around.depth, back.min(2)]),
                hash(&[any, around.leaf_there, around.neighbour]),
                hash(&[u32::from(leaf), around.depth, around.last]),
            ];
            if self.bit(decision::LEAF, &contexts, known == leaf) {
                self.recent.remove(place);
                self.recent.insert(0, leaf);
                return leaf;
            }
            back += 1;
        }
        let leaf = self.first_leaf + self.used;
        self.used += 1;
        self.recent.insert(0, leaf);
        leaf
    }
}

/// Where the other automata stand at the digit before.
#[derive(Default)]
struct Before {
    looser: Node,
    neighbour: Node,
}

/// What is around a decision.
struct Around {
    depth: u32,
    digit: u32,
    history: u32,
    last: u32,
    looser: u32,
    neighbour: u32,
    last_pattern: u32,
    leaf_there: u32,
}

/// How an automaton goes from one digit's node to the next digit's.
fn step(before: Node, node: Node, digit: u32) -> u32 {
    if digit == 0 {
        return 27 + sort(node);
    }
    u32::from(before == node) * 9 + sort(before) * 3 + sort(node)
}
