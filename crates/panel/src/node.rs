//! The one kind of view: plain data, built by pure functions and printed, compared or put on the page.
//!
//! Leptos compiles markup that is written with `view!` into a type for each place, and each type is code that is
//! downloaded. A panel has hundreds of places, so here there is one type, and [`crate::dom`] makes it a view.

use crate::act::{Act, What};

/// An element or a text. One word, so that building one moves little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node(Box<Parts>);

/// What a node is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// The element's tag; empty for a text.
    pub tag: &'static str,
    /// What a text says.
    pub text: String,
    /// Which of its siblings it is, wherever it stands; empty where its place says that.
    pub key: String,
    /// Names and values, in the order in which they were given.
    pub attributes: Vec<(&'static str, Value)>,
    /// What is in it.
    pub children: Vec<Node>,
}

/// What an attribute says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// There, without saying more.
    Flag,
    /// Not an attribute but a property of the same name: what a person changes by hand.
    Property(String),
}

/// An empty element.
pub fn el(tag: &'static str) -> Node {
    Node(Box::new(Parts {
        tag,
        ..Parts::default()
    }))
}

/// A text.
pub fn text(text: &str) -> Node {
    Node(Box::new(Parts {
        text: text.to_owned(),
        ..Parts::default()
    }))
}

/// A `div` with a class.
pub fn div(class: &str) -> Node {
    el("div").class(class)
}

/// A `span` with a class and a text.
pub fn span(class: &str, text: &str) -> Node {
    el("span").class(class).text(text)
}

impl Node {
    /// Its parts.
    pub fn parts(&self) -> &Parts {
        &self.0
    }

    /// Its parts, taken out.
    pub fn into_parts(self) -> Parts {
        *self.0
    }

    /// With an attribute.
    #[inline(never)]
    pub fn at(mut self, name: &'static str, value: &str) -> Self {
        let value = Value::Text(value.to_owned());
        self.0.attributes.push((name, value));
        self
    }

    /// With an attribute that says nothing, if `on`.
    #[inline(never)]
    pub fn flag(mut self, name: &'static str, on: bool) -> Self {
        if on {
            self.0.attributes.push((name, Value::Flag));
        }
        self
    }

    /// With an attribute that says `true`, if `on`.
    pub fn is(self, name: &'static str, on: bool) -> Self {
        if on { self.at(name, "true") } else { self }
    }

    /// With what a person can change: the `value` of an input or a choice.
    #[inline(never)]
    pub fn value(mut self, value: &str) -> Self {
        let value = Value::Property(value.to_owned());
        self.0.attributes.push(("value", value));
        self
    }

    /// With classes.
    pub fn class(self, class: &str) -> Self {
        self.at("class", class)
    }

    /// With an id, which is unique in the panel.
    pub fn id(self, id: &str) -> Self {
        self.at("id", id)
    }

    /// With what it is called by those who do not see it.
    pub fn label(self, label: &str) -> Self {
        self.at("aria-label", label)
    }

    /// With what it does.
    #[inline(never)]
    pub fn act(self, what: What, on: &str) -> Self {
        self.at("data-act", &Act::write(what, on))
    }

    /// Found again among its siblings by this.
    #[inline(never)]
    pub fn key(mut self, key: &str) -> Self {
        self.0.key = key.to_owned();
        self
    }

    /// With one more child.
    #[inline(never)]
    pub fn with(mut self, child: Node) -> Self {
        self.0.children.push(child);
        self
    }

    /// With one more child, or none.
    #[inline(never)]
    pub fn may(mut self, child: Option<Node>) -> Self {
        self.0.children.extend(child);
        self
    }

    /// With more children.
    #[inline(never)]
    pub fn all(mut self, children: Vec<Node>) -> Self {
        self.0.children.extend(children);
        self
    }

    /// With a text in it.
    #[inline(never)]
    pub fn text(self, says: &str) -> Self {
        self.with(text(says))
    }
}

/// As HTML, a line for each element: for tests, and for looking at.
#[cfg(not(target_arch = "wasm32"))]
impl Node {
    /// The markup of this node and everything in it.
    pub fn to_html(&self) -> String {
        let mut html = String::new();
        print(self, 0, &mut html);
        html
    }

    /// Every element in it that `is` what is looked for, itself included, in the order of the page.
    pub fn find(&self, is: &dyn Fn(&Parts) -> bool) -> Vec<&Node> {
        let mut found = Vec::new();
        if is(&self.0) {
            found.push(self);
        }
        for child in &self.0.children {
            found.extend(child.find(is));
        }
        found
    }

    /// What an attribute or property says.
    pub fn says(&self, name: &str) -> Option<&str> {
        let mut attributes = self.0.attributes.iter();
        let (_, value) = attributes.find(|(known, _)| *known == name)?;
        Some(match value {
            Value::Text(text) | Value::Property(text) => text,
            Value::Flag => "",
        })
    }

    /// All the text in it.
    pub fn words(&self) -> String {
        let inner = self.0.children.iter().map(Node::words);
        let mut words: Vec<String> = inner.collect();
        words.insert(0, self.0.text.clone());
        let words: Vec<&str> = words.iter().map(|one| &**one).collect();
        crate::texts::joined(&words, " ")
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn print(node: &Node, depth: usize, html: &mut String) {
    let Parts {
        tag,
        text,
        attributes,
        children,
        ..
    } = &*node.0;
    let indent = "  ".repeat(depth);
    if tag.is_empty() {
        html.push_str(&[&indent, &*escape(text), "\n"].concat());
        return;
    }
    html.push_str(&[&indent, "<", tag].concat());
    for (name, value) in attributes {
        match value {
            Value::Text(text) | Value::Property(text) => {
                html.push_str(&[" ", name, "=\"", &escape(text), "\""].concat());
            }
            Value::Flag => html.push_str(&[" ", name].concat()),
        }
    }
    html.push('>');
    if matches!(*tag, "input" | "br" | "hr") {
        html.push('\n');
        return;
    }
    if let [only] = children.as_slice()
        && only.0.tag.is_empty()
    {
        html.push_str(&escape(&only.0.text));
    } else if !children.is_empty() {
        html.push('\n');
        for child in children {
            print(child, depth + 1, html);
        }
        html.push_str(&indent);
    }
    html.push_str(&["</", tag, ">\n"].concat());
}

#[cfg(not(target_arch = "wasm32"))]
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('"', "&quot;")
}
