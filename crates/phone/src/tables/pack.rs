//! Packing tables; only `cargo xtask phone-metadata` does.

use alloc::vec::Vec;

use super::automata::{Leaf, Source, SourceNode};
use super::coder::Model;
use super::packed;
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

impl Source for &Tree {
    fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    fn node(&self, node: usize) -> SourceNode {
        match self.nodes.get(node) {
            None | Some(TreeNode::Nowhere) => SourceNode::Nowhere,
            Some(TreeNode::Leaf(place)) => SourceNode::Leaf(*place),
            Some(TreeNode::Branch(here, next)) => SourceNode::Branch(*here, *next),
        }
    }
}

/// Packs the table of numbers: the text of the plans, and for each the automata of its general pattern and of
/// its kinds.
pub fn numbers(text: &str, trees: &[(Tree, Tree)]) -> Vec<u8> {
    let none = Tree::default();
    let mut model = Model::new(Writer::new());
    packed::numbers(&mut model, text.as_bytes(), |plan| {
        trees
            .get(plan)
            .map_or((&none, &none), |(general, kinds)| (general, kinds))
    });
    model.bits.finish()
}

/// Packs a text of short fields.
pub fn text(text: &str) -> Vec<u8> {
    let mut model = Model::new(Writer::new());
    packed::only_text(&mut model, text.as_bytes());
    model.bits.finish()
}
