//! `tel:` addresses (RFC 3966): the context of a local number, the ISDN subaddress.

use crate::error::NumberError;
use crate::normalise::{Buffer, EMPTY, possible_number};
use crate::symbol::{Symbol, is_digit};
use crate::tables::cut;

/// What is to be read as a number in the text.
///
/// # Errors
/// [`NumberError::NotANumber`] if its `phone-context` is neither a number nor a domain.
pub(crate) fn number_in<'s>(
    symbols: &'s [Symbol],
    joined: &'s mut Option<Buffer>,
) -> Result<&'s [Symbol], NumberError> {
    const CONTEXT: &[u8] = b";phone-context=";
    let number = match find(symbols, CONTEXT) {
        None => possible_number(symbols),
        Some(at) => {
            let mut rest = symbols.get(at + CONTEXT.len()..).unwrap_or_default();
            let context = cut(&mut rest, b';');
            let start = find(symbols, b"tel:").map_or(0, |at| at + 4);
            let local = symbols.get(start..at).unwrap_or_default();
            match context.first() {
                Some(b'+') if is_global_number(context) => {
                    let joined = joined.insert(EMPTY);
                    let parts = context.iter().chain(local);
                    for (place, symbol) in joined.iter_mut().zip(parts) {
                        *place = *symbol;
                    }
                    joined
                        .get(..context.len() + local.len())
                        .unwrap_or_default()
                }
                Some(_) if is_domain(context) => local,
                _ => return Err(NumberError::NotANumber),
            }
        }
    };
    let subaddress = find(number, b";isub=").filter(|at| *at > 0);
    Ok(subaddress.and_then(|at| number.get(..at)).unwrap_or(number))
}

fn find(symbols: &[Symbol], wanted: &[u8]) -> Option<usize> {
    symbols
        .windows(wanted.len())
        .position(|part| part.first() == wanted.first() && part == wanted)
}

/// `+`, then digits and separators, a digit at least.
fn is_global_number(context: &[Symbol]) -> bool {
    let rest = context.get(1..).unwrap_or_default();
    let may_be = |s: &Symbol| is_digit(*s) || matches!(s, b'-' | b'.' | b'(' | b')');
    rest.iter().all(may_be) && rest.iter().any(|s| is_digit(*s))
}

/// Labels with dots between: letters, digits, and dashes within; the last begins with a letter.
fn is_domain(context: &[Symbol]) -> bool {
    let domain = context.strip_suffix(b".").unwrap_or(context);
    let alphanumeric = |s: Symbol| s.is_ascii_alphabetic() || is_digit(s);
    // The symbol before, and the first of its label.
    let (mut before, mut first) = (b'.', b'.');
    for symbol in domain {
        let fits = match symbol {
            b'.' => alphanumeric(before),
            b'-' => before != b'.',
            symbol => alphanumeric(*symbol),
        };
        if !fits {
            return false;
        }
        if before == b'.' {
            first = *symbol;
        }
        before = *symbol;
    }
    alphanumeric(before) && first.is_ascii_alphabetic()
}
