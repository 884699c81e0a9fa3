//! `tel:` addresses (RFC 3966): the context of a local number, the ISDN subaddress.

use crate::error::NumberError;
use crate::normalise::{Buffer, possible_number};
use crate::symbol::{Symbol, is_digit};

/// What is to be read as a number in the text.
///
/// # Errors
/// [`NumberError::NotANumber`] if its `phone-context` is neither a number nor a domain.
pub(crate) fn number_in<'s>(
    symbols: &'s [Symbol],
    buffer: &'s mut Buffer,
) -> Result<&'s [Symbol], NumberError> {
    const CONTEXT: &[u8] = b";phone-context=";
    let number = match find(symbols, CONTEXT) {
        None => possible_number(symbols),
        Some(at) => {
            let rest = symbols.get(at + CONTEXT.len()..).unwrap_or_default();
            let context = rest.split(|s| *s == b';').next().unwrap_or_default();
            let start = find(symbols, b"tel:").map_or(0, |at| at + 4);
            let local = symbols.get(start..at).unwrap_or_default();
            match context.first() {
                Some(b'+') if is_global_number(context) => {
                    let mut len = 0;
                    for (place, symbol) in buffer.iter_mut().zip(context.iter().chain(local)) {
                        *place = *symbol;
                        len += 1;
                    }
                    buffer.get(..len).unwrap_or_default()
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
        .position(|part| part == wanted)
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
    let alphanumeric = |s: &Symbol| s.is_ascii_alphabetic() || is_digit(*s);
    let is_label = |label: &[Symbol]| {
        label.first().is_some_and(alphanumeric)
            && label.last().is_some_and(alphanumeric)
            && label.iter().all(|s| alphanumeric(s) || *s == b'-')
    };
    let mut labels = domain.split(|s| *s == b'.');
    let last = labels.next_back().and_then(<[Symbol]>::first);
    domain.split(|s| *s == b'.').all(is_label) && last.is_some_and(u8::is_ascii_alphabetic)
}
