//! Packing tables; only `cargo xtask phone-metadata` does.

use alloc::vec::Vec;

use super::automata::{Automata, NOWHERE, Node, Place, Source};
use super::coder::Model;
use super::packed::{self, Roots};
use super::writer::Writer;

/// Lengths of a national number: 0 to 17 digits.
pub const LENGTHS: usize = super::automata::LENGTHS;

/// An automaton to be packed: a tree of digits without its repetitions.
#[derive(Default)]
pub struct Tree {
    /// The leaves in the order in which a walk from digit 0 to 9, into the depth first, comes to them.
    pub leaves: Vec<[u16; LENGTHS]>,
    /// The nodes; the first is the root.
    pub nodes: Vec<TreeNode>,
}

/// A node of a [`Tree`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum TreeNode {
    /// No number begins like this.
    Nowhere,
    /// From here on only the length matters: the leaf of this place.
    Leaf(usize),
    /// The kinds of a number that ends here, and the places of the nodes that the digits lead to.
    Branch(u16, [usize; 10]),
}

/// A tree that is being packed.
struct Packing<'t> {
    tree: &'t Tree,
    first_leaf: Node,
    /// What the branches became.
    branches: Vec<(usize, Node)>,
}

impl<'t> Packing<'t> {
    const fn of(tree: &'t Tree) -> Self {
        Self {
            tree,
            first_leaf: NOWHERE,
            branches: Vec::new(),
        }
    }

    /// The kinds of a number that ends at this branch, and where the digits lead.
    fn branch(&self, place: usize) -> Option<(u16, [usize; 10])> {
        match self.tree.nodes.get(place) {
            Some(TreeNode::Branch(here, next)) => Some((*here, *next)),
            _ => None,
        }
    }
}

impl Source for Packing<'_> {
    fn leaves(&self) -> usize {
        self.tree.leaves.len()
    }

    fn kinds(&self, leaf: usize, length: usize) -> u16 {
        let leaf = self.tree.leaves.get(leaf);
        let kinds = leaf.and_then(|leaf| leaf.get(length));
        kinds.copied().unwrap_or_default()
    }

    fn is_branch(&self, place: usize) -> bool {
        self.branch(place).is_some()
    }

    fn here(&self, place: usize) -> u16 {
        self.branch(place).map_or(0, |(here, _)| here)
    }

    fn next(&self, place: usize, digit: u8) -> usize {
        let next = self.branch(place).map(|(_, next)| next);
        let place = next.and_then(|next| next.get(usize::from(digit)).copied());
        place.unwrap_or_default()
    }

    fn is(&self, place: usize, node: Node) -> bool {
        match self.tree.nodes.get(place) {
            None | Some(TreeNode::Nowhere) => node == NOWHERE,
            Some(TreeNode::Leaf(leaf)) => usize::from(node) == usize::from(self.first_leaf) + leaf,
            Some(TreeNode::Branch(..)) => self.branches.contains(&(place, node)),
        }
    }

    fn became(&mut self, place: Place, node: Node) {
        match place {
            Place::FirstLeaf => self.first_leaf = node,
            Place::Branch(place) => self.branches.push((place, node)),
        }
    }
}

/// Packs the table of numbers: for each plan of the text the automata of its general pattern and of its kinds. `None`
/// if a reader has no room for so much.
pub fn numbers(text: &str, trees: &[(Tree, Tree)]) -> Option<Vec<u8>> {
    let mut model = Model::new(Writer::new());
    let mut automata = Automata::new();
    let mut last = Roots::default();
    let plans = text.lines().filter(|line| !line.starts_with(' '));
    for ((number, line), (general, kinds)) in plans.enumerate().zip(trees) {
        let first = line.split('\t').next().unwrap_or_default();
        if first.bytes().any(|byte| byte.is_ascii_digit()) {
            last = Roots::default();
        }
        let sources = (Packing::of(general), Packing::of(kinds));
        last = packed::roots(&mut model, &mut automata, sources, number, last);
    }
    (!automata.is_full()).then(|| model.bits.finish())
}

/// Packs a text of short fields. `None` if a reader has no room for it.
pub fn text(text: &str) -> Option<Vec<u8>> {
    let mut model = Model::new(Writer::new());
    let kept = packed::text(&mut model, text.as_bytes());
    (kept.len() == text.len()).then(|| model.bits.finish())
}
