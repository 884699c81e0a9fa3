//! Packing tables; only `cargo xtask phone-metadata` does.

use alloc::vec::Vec;

use super::automata::{Automata, Leaf, NOWHERE, Node, Place, Source};
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
}

impl Source for Packing<'_> {
    fn leaves(&self) -> &[Leaf] {
        &self.tree.leaves
    }

    fn branch(&self, place: usize) -> Option<(u16, [usize; 10])> {
        match self.tree.nodes.get(place) {
            Some(TreeNode::Branch(here, next)) => Some((*here, *next)),
            _ => None,
        }
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

/// Packs the table of numbers: for each plan of the text the automata of its general pattern and of its kinds.
pub fn numbers(text: &str, trees: &[(Tree, Tree)]) -> Vec<u8> {
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
    model.bits.finish()
}

/// Packs a text of short fields.
pub fn text(text: &str) -> Vec<u8> {
    let mut model = Model::new(Writer::new());
    packed::text(&mut model, text.as_bytes());
    model.bits.finish()
}
