//! From patterns to the tree of digits that is packed.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, bail};
use patchcord_phone::pack::{LENGTHS, Tree, TreeNode};

use crate::pattern::Pattern;

/// One kind of numbers: its bit, its lengths (a bit each), its pattern.
pub(crate) struct Numbers {
    pub(crate) kind: u16,
    pub(crate) lengths: u32,
    pub(crate) pattern: Pattern,
}

/// The tree that tells for each number which of the kinds it is of, if it is one of `within`, too; that may be empty.
///
/// # Errors
/// There are more leaves than the table has room for.
pub(crate) fn tree(all: &[Numbers], within: &[Numbers]) -> Result<Tree> {
    let mut automaton = Automaton::default();
    let mut starts = BTreeSet::new();
    let mut ends_of = |all: &[Numbers]| {
        let mut ends = Vec::new();
        for numbers in all {
            let start = automaton.state();
            starts.insert(start);
            let end = automaton.add(&numbers.pattern, start);
            ends.push((end, numbers.kind, numbers.lengths));
        }
        ends
    };
    let (ends, within) = (ends_of(all), ends_of(within));
    let mut nodes = Nodes {
        automaton,
        ends,
        within,
        known: HashMap::new(),
        made: HashMap::new(),
        nodes: Vec::new(),
    };
    let starts = nodes.automaton.with_empty(starts);
    let root = nodes.node(starts, 0);
    nodes.tree(root)
}

/// States of a nondeterministic automaton.
#[derive(Default)]
struct Automaton {
    /// Where a state leads without a digit.
    empty: Vec<Vec<usize>>,
    /// The digits that lead on, and where to.
    digits: Vec<Option<(u16, usize)>>,
}

impl Automaton {
    fn state(&mut self) -> usize {
        self.empty.push(Vec::new());
        self.digits.push(None);
        self.empty.len() - 1
    }

    fn link(&mut self, from: usize, to: usize) {
        if let Some(empty) = self.empty.get_mut(from) {
            empty.push(to);
        }
    }

    /// Adds a pattern that begins at a state, and gives the state in which it ends.
    fn add(&mut self, pattern: &Pattern, start: usize) -> usize {
        match pattern {
            Pattern::Digit(set) => {
                let (from, end) = (self.state(), self.state());
                self.link(start, from);
                if let Some(digits) = self.digits.get_mut(from) {
                    *digits = Some((*set, end));
                }
                end
            }
            Pattern::Sequence(parts) => parts
                .iter()
                .fold(start, |state, part| self.add(part, state)),
            Pattern::Either(ways) => {
                let end = self.state();
                for way in ways {
                    let way = self.add(way, start);
                    self.link(way, end);
                }
                end
            }
            Pattern::Times(part, least, most) => {
                let end = self.state();
                let mut state = start;
                for time in 0..*most {
                    if time >= *least {
                        self.link(state, end);
                    }
                    state = self.add(part, state);
                }
                self.link(state, end);
                end
            }
        }
    }

    /// These states, and all they lead to without a digit.
    fn with_empty(&self, states: BTreeSet<usize>) -> BTreeSet<usize> {
        let mut open: Vec<usize> = states.iter().copied().collect();
        let mut all = states;
        while let Some(state) = open.pop() {
            for next in self.empty.get(state).into_iter().flatten() {
                if all.insert(*next) {
                    open.push(*next);
                }
            }
        }
        all
    }
}

/// A node of the deterministic automaton: its depth, the kinds of a number that ends here, where digits lead.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Node {
    depth: usize,
    here: u16,
    next: [Option<usize>; 10],
}

/// The state in which a kind's pattern ends, the kind, its lengths.
type End = (usize, u16, u32);

struct Nodes {
    automaton: Automaton,
    ends: Vec<End>,
    /// One of these has to match too, if there are any.
    within: Vec<End>,
    /// Which node a set of states is.
    known: HashMap<(BTreeSet<usize>, usize), Option<usize>>,
    made: HashMap<Node, usize>,
    nodes: Vec<Node>,
}

impl Nodes {
    /// The node of these states; none if no number gets there.
    fn node(&mut self, states: BTreeSet<usize>, depth: usize) -> Option<usize> {
        let key = (states, depth);
        if let Some(node) = self.known.get(&key) {
            return *node;
        }
        let states = &key.0;
        let ends = |(end, _, lengths): &&End| states.contains(end) && lengths >> depth & 1 == 1;
        let is_within = self.within.is_empty() || self.within.iter().any(|end| ends(&end));
        let here = self.ends.iter().filter(|end| is_within && ends(end));
        let here = here.fold(0, |here, (_, kind, _)| here | 1 << kind);
        let mut next = [None; 10];
        if depth + 1 < LENGTHS {
            for (digit, next) in next.iter_mut().enumerate() {
                let reached = states.iter().filter_map(|state| {
                    let (set, end) = (*self.automaton.digits.get(*state)?)?;
                    (set >> digit & 1 == 1).then_some(end)
                });
                let reached = self.automaton.with_empty(reached.collect());
                if !reached.is_empty() {
                    *next = self.node(reached, depth + 1);
                }
            }
        }
        let node = Node { depth, here, next };
        let nothing = here == 0 && next.iter().all(Option::is_none);
        let place = (!nothing).then(|| {
            *self.made.entry(node.clone()).or_insert_with(|| {
                self.nodes.push(node);
                self.nodes.len() - 1
            })
        });
        self.known.insert(key, place);
        place
    }

    fn get(&self, place: usize) -> Option<&Node> {
        self.nodes.get(place)
    }

    /// The kinds by length, if from here on only the length matters.
    fn leaf(&self, place: usize) -> Option<[u16; LENGTHS]> {
        let mut leaf = [0; LENGTHS];
        let mut at = Some(place);
        while let Some(node) = at.and_then(|place| self.get(place)) {
            let [first, others @ ..] = &node.next;
            if others.iter().any(|other| other != first) {
                return None;
            }
            *leaf.get_mut(node.depth)? = node.here;
            at = *first;
        }
        Some(leaf)
    }

    fn tree(&self, root: Option<usize>) -> Result<Tree> {
        let mut seen = Vec::new();
        self.leaves(root, &mut seen, &mut BTreeSet::new());
        // A leaf met early serves for all that agree with it from their depth on.
        let mut leaves: Vec<(usize, [u16; LENGTHS])> = Vec::new();
        let mut by_depth = seen.clone();
        by_depth.sort_by_key(|(depth, _)| *depth);
        for (depth, leaf) in by_depth {
            if same(&leaves, depth, &leaf).is_none() {
                leaves.push((depth, leaf));
            }
        }
        let mut order = Vec::new();
        for (depth, leaf) in &seen {
            if let Some(place) = same(&leaves, *depth, leaf)
                && !order.contains(&place)
            {
                order.push(place);
            }
        }
        let leaves: Vec<_> = order
            .iter()
            .filter_map(|place| leaves.get(*place).copied())
            .collect();
        if leaves.len() > 200 {
            bail!(
                "{} leaves of one plan are too many for the table",
                leaves.len()
            );
        }
        let mut tree = Tree::default();
        let mut places = HashMap::new();
        // The root is the first; the others have places before they are written.
        let mut open = vec![root];
        let mut count = 1;
        places.insert(root, 0);
        while let Some(node) = open.pop() {
            let place = places.get(&node).copied().unwrap_or_default();
            let written = match node {
                None => TreeNode::Nowhere,
                Some(node) => match (self.leaf(node), self.get(node)) {
                    (Some(leaf), Some(found)) => {
                        TreeNode::Leaf(same(&leaves, found.depth, &leaf).unwrap_or_default())
                    }
                    (None, Some(found)) => {
                        let next = found.next.map(|next| {
                            *places.entry(next).or_insert_with(|| {
                                open.push(next);
                                count += 1;
                                count - 1
                            })
                        });
                        TreeNode::Branch(found.here, next)
                    }
                    (_, None) => TreeNode::Nowhere,
                },
            };
            if tree.nodes.len() < count {
                tree.nodes.resize(count, TreeNode::Nowhere);
            }
            if let Some(node) = tree.nodes.get_mut(place) {
                *node = written;
            }
        }
        tree.leaves = leaves.into_iter().map(|(_, leaf)| leaf).collect();
        Ok(tree)
    }

    /// All leaves below a node, in the order of a walk.
    fn leaves(
        &self,
        node: Option<usize>,
        found: &mut Vec<(usize, [u16; LENGTHS])>,
        seen: &mut BTreeSet<usize>,
    ) {
        let Some((place, node)) = node.and_then(|place| Some((place, self.get(place)?))) else {
            return;
        };
        if !seen.insert(place) {
            return;
        }
        if let Some(leaf) = self.leaf(place) {
            found.push((node.depth, leaf));
            return;
        }
        for next in node.next {
            self.leaves(next, found, seen);
        }
    }
}

/// The place of the leaf that says the same from this depth on and is there at that depth.
fn same(leaves: &[(usize, [u16; LENGTHS])], depth: usize, leaf: &[u16; LENGTHS]) -> Option<usize> {
    leaves
        .iter()
        .position(|(first, other)| *first <= depth && other.get(depth..) == leaf.get(depth..))
}
