//! Automata that say of what kinds a national number is, digit by digit; how they are held, read and packed.
//!
//! A number plan is a tree of digits. Most of its ways end soon: from some digit on only the length matters.
//! Such an end is a *leaf*, which has the kinds for each length; what is before it is a *branch*.

use super::coder::{Bits, Model, hash};
use super::list::List;

/// Room for the leaves and branches of all plans; packing fails where it is too little.
const LEAVES: usize = FIRST_BRANCH as usize;
const BRANCHES: usize = 12_000;
/// Lengths of a national number: 0 to 17 digits.
pub(crate) const LENGTHS: usize = 18;
/// How many kinds there are.
const KINDS: u32 = 10;
/// A set of kinds, one bit each, for each length of the whole number.
pub(crate) type Leaf = [u16; LENGTHS];

/// Where a number stands after some of its digits: [`NOWHERE`], a leaf (1 and up) or a branch
/// ([`FIRST_BRANCH`] and up).
pub(crate) type Node = u16;
/// No number begins like this.
pub(crate) const NOWHERE: Node = 0;
const FIRST_BRANCH: Node = 4096;

/// Where the ten digits lead, and behind that the kinds of a number that ends here.
type Branch = [Node; 11];

/// The end of some ways of a plan.
#[derive(Clone, Copy, Default)]
struct End {
    kinds: Leaf,
    /// The kinds of all lengths.
    any: u16,
}

/// All automata of a table; each is known by its root.
pub(crate) struct Automata {
    leaves: List<End>,
    branches: List<Branch>,
}

impl Automata {
    /// With the leaf [`NOWHERE`].
    pub(crate) fn new() -> Self {
        let mut leaves = List::with_room(LEAVES);
        leaves.push(End::default());
        Self {
            leaves,
            branches: List::with_room(BRANCHES),
        }
    }

    /// Whether something may have been left out.
    #[cfg(feature = "pack")]
    pub(crate) fn is_full(&self) -> bool {
        self.leaves.len() == LEAVES || self.branches.len() == BRANCHES
    }

    /// The kinds of this number, whose digits are ASCII.
    pub(crate) fn kinds(&self, root: Node, digits: &[u8]) -> u16 {
        let mut node = root;
        for digit in digits {
            // From a leaf on only the length matters.
            let Some(branch) = self.branch(node) else {
                break;
            };
            let next = branch.get(usize::from(digit & 15));
            node = next.map_or(NOWHERE, |next| *next);
        }
        self.end(node, digits.len())
    }

    /// The kinds of a number of so many digits that ends here.
    pub(super) fn end(&self, node: Node, length: usize) -> u16 {
        if let Some([.., here]) = self.branch(node) {
            return *here;
        }
        let leaf = self.leaves.get(usize::from(node));
        let kinds = leaf.and_then(|leaf| leaf.kinds.get(length));
        kinds.map_or(0, |kinds| *kinds)
    }

    /// How many leaves there are.
    pub(crate) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// The lengths, a bit each, that numbers have which end at a leaf behind the first `leaves`.
    pub(crate) fn lengths_since(&self, leaves: usize) -> u32 {
        let mut lengths = 0;
        for leaf in self.leaves.iter().skip(leaves) {
            for (kinds, length) in leaf.kinds.iter().zip(0u32..) {
                lengths |= u32::from(*kinds != 0) << length;
            }
        }
        lengths
    }

    fn branch(&self, node: Node) -> Option<&Branch> {
        self.branches
            .get(usize::from(node.wrapping_sub(FIRST_BRANCH)))
    }

    fn leaf(&self, node: Node) -> End {
        let leaf = self.leaves.get(usize::from(node));
        leaf.copied().unwrap_or_default()
    }

    /// Where a digit leads from here.
    pub(super) fn next(&self, node: Node, digit: u8) -> Node {
        // What follows the last digit that matters is as it is itself.
        let branch = self.branch(node);
        branch.map_or(node, |branch| {
            branch.get(usize::from(digit)).map_or(NOWHERE, |next| *next)
        })
    }

    /// All kinds that the numbers of this leaf have; something else for a branch.
    fn any(&self, node: Node) -> u16 {
        if node >= FIRST_BRANCH {
            return FIRST_BRANCH;
        }
        self.leaf(node).any
    }
}

/// What a node is: nowhere, a leaf, a branch.
fn sort(node: Node) -> u32 {
    u32::from(node != NOWHERE) + u32::from(node >= FIRST_BRANCH)
}

/// An automaton that is to be packed. Each of its nodes has a place there; the root's is 0.
pub(crate) trait Source {
    /// How many leaves it has.
    fn leaves(&self) -> usize;
    /// The kinds of numbers of this length at a leaf; the leaves are in the order in which a walk comes to them first.
    fn kinds(&self, leaf: usize, length: usize) -> u16;
    /// Whether the node is a branch.
    fn is_branch(&self, place: usize) -> bool;
    /// The kinds of a number that ends at this branch.
    fn here(&self, place: usize) -> u16;
    /// The place of the node to which a digit leads.
    fn next(&self, place: usize, digit: u8) -> usize;
    /// Whether what is at this place became that node.
    fn is(&self, place: usize, node: Node) -> bool;
    /// What is at this place became that node; the first leaf too.
    fn became(&mut self, place: Place, node: Node);
}

/// A place in a [`Source`].
#[cfg_attr(not(feature = "pack"), expect(dead_code))]
pub(crate) enum Place {
    FirstLeaf,
    Branch(usize),
}

/// Nothing is known: the automaton is read.
pub(crate) struct Unknown;

impl Source for Unknown {
    fn leaves(&self) -> usize {
        0
    }

    fn kinds(&self, _: usize, _: usize) -> u16 {
        0
    }

    fn is_branch(&self, _: usize) -> bool {
        false
    }

    fn here(&self, _: usize) -> u16 {
        0
    }

    fn next(&self, _: usize, _: u8) -> usize {
        0
    }

    fn is(&self, _: usize, _: Node) -> bool {
        false
    }

    fn became(&mut self, _: Place, _: Node) {}
}

/// What may foretell an automaton.
#[derive(Clone, Copy, Default)]
pub(crate) struct Likeness {
    /// A looser one of the same plan: what is nowhere there is nowhere here. [`NOWHERE`] if there is none.
    pub(crate) looser: Node,
    /// That of a plan with the same country code. [`NOWHERE`] if there is none.
    pub(crate) neighbour: Node,
}

impl Likeness {
    fn next(self, automata: &Automata, digit: u8) -> Self {
        Self {
            looser: automata.next(self.looser, digit),
            neighbour: automata.next(self.neighbour, digit),
        }
    }
}

/// The kinds of decisions, from `Walk::first_kind`.
mod decision {
    /// There is another leaf.
    pub(super) const LEAVES: usize = 0;
    /// A number of this length has the kinds of a shorter one.
    pub(super) const SAME_KINDS: usize = 1;
    /// It has this kind.
    pub(super) const KIND: usize = 2;
    /// The root is a branch.
    pub(super) const ROOT: usize = 3;
    /// A number may end at this branch.
    pub(super) const HERE: usize = 4;
    /// A digit leads where the digit before it leads.
    pub(super) const SAME: usize = 5;
    /// A digit leads where an earlier one leads.
    pub(super) const EARLIER: usize = 6;
    /// It leads nowhere.
    pub(super) const NOWHERE: usize = 7;
    /// It leads to a branch of its own.
    pub(super) const BRANCH: usize = 8;
    /// It leads to this leaf.
    pub(super) const LEAF: usize = 9;
}
/// How many kinds of decisions there are.
pub(crate) const DECISIONS: usize = 10;

/// Reads or packs one automaton and gives its root.
///
/// `plan` is a number for the plan it belongs to, `first_kind` the first of [`DECISIONS`] kinds of the model.
pub(crate) fn automaton<B: Bits>(
    model: &mut Model<B>,
    automata: &mut Automata,
    source: impl Source,
    first_kind: usize,
    plan: u32,
    like: Likeness,
) -> Node {
    let mut walk = Walk {
        latest: Latest::NONE,
        used: 1,
        patterns: [0; LENGTHS],
        around: Around::default(),
        model,
        automata,
        source,
        first_kind,
        plan,
    };
    let first_leaf = walk.automata.leaves() as Node;
    walk.source.became(Place::FirstLeaf, first_leaf);
    walk.leaves();
    let is_branch = walk.source.is_branch(0);
    if walk.bit(decision::ROOT, &[0], 0, is_branch) {
        walk.branch(0, 0, like)
    } else {
        first_leaf
    }
}

/// Nodes, the latest first.
struct Latest {
    nodes: [Node; 256],
    len: usize,
}

impl Latest {
    const NONE: Self = Self {
        nodes: [NOWHERE; 256],
        len: 0,
    };

    fn get(&self, place: usize) -> Option<Node> {
        self.nodes.get(..self.len)?.get(place).copied()
    }

    fn contains(&self, node: Node) -> bool {
        self.nodes.iter().take(self.len).any(|other| *other == node)
    }

    /// Moves the node of this place before all others.
    fn bring_forward(&mut self, place: usize) {
        let mut moved = self.get(place).unwrap_or(NOWHERE);
        for node in self.nodes.iter_mut().take(place + 1) {
            core::mem::swap(node, &mut moved);
        }
    }

    /// Puts a node behind all others.
    fn push(&mut self, node: Node) {
        if let Some(place) = self.nodes.get_mut(self.len) {
            *place = node;
            self.len += 1;
        }
    }
}

struct Walk<'a, B, S> {
    model: &'a mut Model<B>,
    automata: &'a mut Automata,
    source: S,
    first_kind: usize,
    plan: u32,
    /// The leaves of this automaton and [`NOWHERE`]: those the walk has come to, the latest first, then the others.
    latest: Latest,
    /// How many it has come to.
    used: usize,
    /// For each depth the sorts of the last branch's ten nodes, two bits each.
    patterns: [u32; LENGTHS],
    around: Around,
}

/// What is around a decision.
#[derive(Clone, Copy, Default)]
struct Around {
    depth: u32,
    digit: u32,
    /// How the digits before this one were told.
    history: u32,
    /// The sort of the node that the digit before leads to.
    last: u32,
    /// How the other two automata go from the digit before to this one.
    looser: u32,
    neighbour: u32,
    /// The digits before this one.
    path: u32,
    /// The sorts of the nodes of the last branch of this depth.
    pattern: u32,
}

impl<B: Bits, S: Source> Walk<'_, B, S> {
    fn bit(&mut self, decision: usize, contexts: &[u32], so_far: u32, known: bool) -> bool {
        let kind = self.first_kind + decision;
        self.model.bit(kind, contexts, so_far, known)
    }

    /// The leaves of the automaton.
    fn leaves(&mut self) {
        self.latest.push(NOWHERE);
        let mut before = self.automata.leaf(self.automata.leaves() as Node - 1);
        for place in 0.. {
            let more = place < self.source.leaves();
            if !self.bit(decision::LEAVES, &[0], place as u32, more) {
                return;
            }
            before = self.leaf(place, &before);
            self.latest.push(self.automata.leaves() as Node);
            self.automata.leaves.push(before);
        }
    }

    /// A leaf: for each length the kinds, most of the time those of the length before it.
    fn leaf(&mut self, place: usize, before: &End) -> End {
        let mut leaf = End::default();
        let mut last = 0;
        let lengths = leaf.kinds.iter_mut().zip(&before.kinds);
        for (length, (kinds, before)) in lengths.enumerate() {
            if length == 0 {
                continue;
            }
            let known = self.source.kinds(place, length);
            let (length, before) = (length as u32, u32::from(*before));
            let contexts = [
                hash(&[length, last.min(1), place.min(3) as u32]),
                hash(&[last, before]),
                hash(&[length, before, last]),
            ];
            if !self.bit(decision::SAME_KINDS, &contexts, 0, u32::from(known) == last) {
                last = self.kinds(last, before, known);
            }
            *kinds = last as u16;
            leaf.any |= *kinds;
        }
        leaf
    }

    /// A set of kinds, each by those before it.
    fn kinds(&mut self, last: u32, before: u32, known: u16) -> u32 {
        let contexts = [0, last, hash(&[before])];
        let mut kinds = 1;
        for kind in (0..KINDS).rev() {
            let bit = self.bit(decision::KIND, &contexts, kinds, known >> kind & 1 == 1);
            kinds = kinds * 2 + u32::from(bit);
        }
        kinds - (1 << KINDS)
    }

    /// The branch of this place with all that follows.
    fn branch(&mut self, known: usize, depth: u32, like: Likeness) -> Node {
        let mut branch = [NOWHERE; 11];
        let [next @ .., here] = &mut branch;
        let known_here = self.source.here(known);
        if self.bit(decision::HERE, &[0], depth, known_here != 0) {
            *here = self.kinds(u32::MAX, 0, known_here) as u16;
        }
        let me = self.automata.branches.len();
        self.automata.branches.push([NOWHERE; 11]);
        let last_pattern = self
            .patterns
            .get(depth as usize)
            .map_or(0, |pattern| *pattern);
        let mut pattern = 0;
        let path = (self.around.path << 4) + self.around.digit + 1;
        let mut distinct = Latest::NONE;
        let mut history = 1;
        let mut before = like;
        for (next, digit) in next.iter_mut().zip(0u8..) {
            let to = like.next(self.automata, digit);
            let alone = u32::from(like.neighbour == NOWHERE) * 64;
            self.around = Around {
                depth,
                digit: u32::from(digit),
                history,
                last: distinct.get(0).map_or(3, sort),
                looser: step(before.looser, to.looser, digit),
                neighbour: step(before.neighbour, to.neighbour, digit) + alone,
                path,
                pattern: last_pattern,
            };
            before = to;
            let way = self.next(&mut distinct, self.source.next(known, digit), to);
            history = history * 5 + way;
            let node = distinct.get(0).unwrap_or(NOWHERE);
            *next = node;
            pattern |= sort(node) << (2 * digit);
        }
        if let Some(last) = self.patterns.get_mut(depth as usize) {
            *last = pattern;
        }
        if let Some(place) = self.automata.branches.get_mut(me) {
            *place = branch;
        }
        FIRST_BRANCH + me as Node
    }

    /// Puts where a digit leads before the distinct nodes, and gives how that was said.
    fn next(&mut self, distinct: &mut Latest, known: usize, like: Likeness) -> u32 {
        let mut decision = decision::SAME;
        let mut back = 0;
        while let Some(node) = distinct.get(back) {
            let is_it = self.source.is(known, node);
            if self.is(decision, node, back as u32 + 1, is_it) {
                distinct.bring_forward(back);
                return (back as u32 + 1).min(3);
            }
            back += 1;
            decision = decision::EARLIER;
        }
        let node = self.new_node(distinct, known, like);
        distinct.push(node);
        distinct.bring_forward(back);
        4
    }

    /// A node that no digit before leads to.
    fn new_node(&mut self, distinct: &Latest, known: usize, like: Likeness) -> Node {
        let nowhere = self.source.is(known, NOWHERE);
        if !distinct.contains(NOWHERE) && self.is(decision::NOWHERE, NOWHERE, 0, nowhere) {
            return NOWHERE;
        }
        let is_branch = self.source.is_branch(known);
        if self.is(decision::BRANCH, NOWHERE, 0, is_branch) {
            let node = self.branch(known, self.around.depth + 1, like);
            self.source.became(Place::Branch(known), node);
            return node;
        }
        let mut back = 0;
        let mut place = 0;
        while let Some(leaf) = self.latest.get(place) {
            if leaf != NOWHERE && !distinct.contains(leaf) {
                let new = place == self.used;
                let is_it = self.source.is(known, leaf);
                if new || self.is(decision::LEAF, leaf, back, is_it) {
                    self.used += usize::from(new);
                    self.latest.bring_forward(place);
                    return leaf;
                }
                back += 1;
            }
            place += 1;
        }
        NOWHERE
    }

    /// Whether a digit leads to this node, before which so many others were asked for.
    fn is(&mut self, decision: usize, node: Node, back: u32, known: bool) -> bool {
        let Around {
            depth,
            digit,
            history,
            last,
            looser,
            neighbour,
            path,
            pattern,
        } = self.around;
        let kinds = u32::from(self.automata.any(node));
        let sort = sort(node);
        let contexts = [
            hash(&[looser, last, depth, kinds]),
            hash(&[history, back, depth]),
            hash(&[pattern, history, sort]),
            hash(&[self.plan, digit, depth, last, kinds]),
            hash(&[neighbour, last, looser, kinds]),
            hash(&[path, digit, kinds]),
            hash(&[looser, history, sort]),
            hash(&[u32::from(node), depth, last]),
        ];
        self.bit(decision, &contexts, 0, known)
    }
}

/// How an automaton goes from one digit's node to the next digit's.
fn step(before: Node, node: Node, digit: u8) -> u32 {
    if digit == 0 {
        return 27 + sort(node);
    }
    u32::from(before == node) * 9 + sort(before) * 3 + sort(node)
}
