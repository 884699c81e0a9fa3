//! Random members of the metadata's patterns, so that every branch of every pattern is tried.

use crate::chance::Chance;

/// The most repetitions where a pattern sets no limit.
const UNLIMITED: usize = 8;

enum Node {
    /// One of these characters.
    Class(Vec<char>),
    Group(Vec<Vec<Repeated>>),
}

struct Repeated {
    node: Node,
    least: usize,
    most: usize,
}

/// A text that the pattern matches, chosen at random.
pub fn member(pattern: &str, chance: &mut Chance) -> String {
    let mut reader = Reader {
        left: pattern.chars().collect(),
        at: 0,
    };
    let alternatives = reader.alternatives();
    assert_eq!(reader.at, reader.left.len(), "{pattern} is not understood");
    let mut text = String::new();
    write(&alternatives, chance, &mut text);
    text
}

fn write(alternatives: &[Vec<Repeated>], chance: &mut Chance, text: &mut String) {
    for Repeated { node, least, most } in chance.among(alternatives) {
        for _ in 0..chance.between(*least, *most) {
            match node {
                Node::Class(characters) => text.push(chance.of(characters)),
                Node::Group(alternatives) => write(alternatives, chance, text),
            }
        }
    }
}

struct Reader {
    left: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.left.get(self.at).copied()
    }

    fn next(&mut self) -> char {
        self.at += 1;
        self.left[self.at - 1]
    }

    fn eat(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn alternatives(&mut self) -> Vec<Vec<Repeated>> {
        let mut alternatives = vec![self.sequence()];
        while self.eat('|') {
            alternatives.push(self.sequence());
        }
        alternatives
    }

    fn sequence(&mut self) -> Vec<Repeated> {
        let mut sequence = Vec::new();
        while let Some(next) = self.peek().filter(|next| !['|', ')'].contains(next)) {
            self.at += 1;
            let node = match next {
                '$' => continue,
                '(' => {
                    if self.eat('?') {
                        assert!(self.eat(':'), "only groups without a name are known");
                    }
                    let group = Node::Group(self.alternatives());
                    assert!(self.eat(')'), "a group is not closed");
                    group
                }
                '[' => self.class(),
                '\\' => {
                    assert_eq!(self.next(), 'd', "only \\d is known");
                    Node::Class(('0'..='9').collect())
                }
                literal => Node::Class(vec![literal]),
            };
            let (least, most) = self.repetition();
            sequence.push(Repeated { node, least, most });
        }
        sequence
    }

    fn class(&mut self) -> Node {
        let mut characters = Vec::new();
        while !self.eat(']') {
            let from = self.next();
            if from == '\\' {
                assert_eq!(self.next(), 'd', "only \\d is known");
                characters.extend('0'..='9');
            } else if self.eat('-') {
                characters.extend(from..=self.next());
            } else {
                characters.push(from);
            }
        }
        Node::Class(characters)
    }

    fn repetition(&mut self) -> (usize, usize) {
        if self.eat('?') {
            return (0, 1);
        }
        if self.eat('*') {
            return (0, UNLIMITED);
        }
        if self.eat('+') {
            return (1, UNLIMITED);
        }
        if !self.eat('{') {
            return (1, 1);
        }
        let least = self.count();
        let most = if self.eat(',') { self.count() } else { least };
        assert!(self.eat('}'), "a repetition is not closed");
        (least, most)
    }

    fn count(&mut self) -> usize {
        let mut count = 0;
        while let Some(digit) = self.peek().and_then(|next| next.to_digit(10)) {
            self.at += 1;
            count = count * 10 + digit as usize;
        }
        count
    }
}

#[test]
fn a_member_is_made_of_what_the_pattern_says() {
    let mut chance = Chance::seeded(1);
    for _ in 0..200 {
        let text = member(r"1(?:[2-4]\d{2,3}|5)(?:67)?", &mut chance);
        let rest = text.strip_prefix('1').unwrap();
        let rest = rest.strip_suffix("67").unwrap_or(rest);
        let digits = rest.strip_prefix(['2', '3', '4']).map(str::len);
        assert!(rest == "5" || digits.is_some_and(|len| (2..=5).contains(&len)));
    }
}
