//! Patterns of digits: the part of regular expressions in which the metadata are written.

use anyhow::{Context as _, Result, bail};

/// A pattern, as read.
pub(crate) enum Pattern {
    /// One digit of a set, a bit for each.
    Digit(u16),
    /// One after the other.
    Sequence(Vec<Pattern>),
    /// One of several.
    Either(Vec<Pattern>),
    /// From so many times to so many times.
    Times(Box<Pattern>, usize, usize),
}

/// Any digit.
const ANY: u16 = 0x3ff;

/// Reads a pattern of digits, classes, `\d`, groups, `|`, `?` and `{m,n}`.
///
/// # Errors
/// What else it has.
pub(crate) fn read(text: &str) -> Result<Pattern> {
    let mut rest = text.as_bytes();
    let pattern = either(&mut rest).with_context(|| format!("in the pattern {text}"))?;
    if !rest.is_empty() {
        bail!("a bracket too many in the pattern {text}");
    }
    Ok(pattern)
}

fn next(rest: &mut &[u8]) -> Option<u8> {
    let (first, others) = rest.split_first()?;
    *rest = others;
    Some(*first)
}

fn expect(rest: &mut &[u8], text: &[u8]) -> Result<()> {
    *rest = rest.strip_prefix(text).with_context(|| {
        let text = String::from_utf8_lossy(text);
        format!(
            "`{text}` is missing before {}",
            String::from_utf8_lossy(rest)
        )
    })?;
    Ok(())
}

fn either(rest: &mut &[u8]) -> Result<Pattern> {
    let mut ways = vec![sequence(rest)?];
    while rest.first() == Some(&b'|') {
        expect(rest, b"|")?;
        ways.push(sequence(rest)?);
    }
    Ok(Pattern::Either(ways))
}

fn sequence(rest: &mut &[u8]) -> Result<Pattern> {
    let mut parts = Vec::new();
    while rest.first().is_some_and(|next| !b"|)".contains(next)) {
        let mut part = one(rest)?;
        loop {
            match rest.first() {
                Some(b'?') => {
                    expect(rest, b"?")?;
                    part = Pattern::Times(Box::new(part), 0, 1);
                }
                Some(b'{') => {
                    expect(rest, b"{")?;
                    let least = number(rest)?;
                    let most = if rest.first() == Some(&b',') {
                        expect(rest, b",")?;
                        number(rest)?
                    } else {
                        least
                    };
                    expect(rest, b"}")?;
                    part = Pattern::Times(Box::new(part), least, most);
                }
                _ => break,
            }
        }
        parts.push(part);
    }
    Ok(Pattern::Sequence(parts))
}

fn number(rest: &mut &[u8]) -> Result<usize> {
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, others) = rest.split_at(digits);
    *rest = others;
    Ok(std::str::from_utf8(digits)?.parse()?)
}

fn one(rest: &mut &[u8]) -> Result<Pattern> {
    match next(rest) {
        Some(b'(') => {
            *rest = rest.strip_prefix(b"?:").unwrap_or(rest);
            let group = either(rest)?;
            expect(rest, b")")?;
            Ok(group)
        }
        Some(b'[') => {
            let mut set = 0;
            while rest.first() != Some(&b']') {
                let from = digit(rest)?;
                let mut to = from;
                if rest.first() == Some(&b'-') {
                    expect(rest, b"-")?;
                    to = digit(rest)?;
                }
                set |= (from..=to).fold(0, |set, digit| set | 1 << digit);
            }
            expect(rest, b"]")?;
            Ok(Pattern::Digit(set))
        }
        Some(b'\\') => {
            expect(rest, b"d")?;
            Ok(Pattern::Digit(ANY))
        }
        Some(byte @ b'0'..=b'9') => Ok(Pattern::Digit(1 << (byte - b'0'))),
        Some(byte) => bail!("`{}` is not understood", char::from(byte)),
        None => bail!("it ends too early"),
    }
}

fn digit(rest: &mut &[u8]) -> Result<u8> {
    let byte = next(rest).filter(u8::is_ascii_digit);
    Ok(byte.context("a class has digits only")? - b'0')
}
