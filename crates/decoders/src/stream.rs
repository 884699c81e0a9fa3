//! A platform's stream: the same comes of it wherever it is cut, it ends once, and nothing of it is kept for long.

use patchcord_core::connect::{Decoder, MAX_MESSAGE};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::{Event, Piece, Sent};
use patchcord_core::outcome::Outcome;
use serde_json::Value;

use crate::caller::Caller;
use crate::reply::split;
use crate::told::{desk, envelope};

/// The first bytes of an envelope.
const HEAD: usize = 5;
/// The most bytes of a stream.
const LONGEST: usize = 4 * 1024 * 1024;
/// The most bytes that are tried one by one.
const BY_BYTE: usize = 16 * 1024;

/// Takes a line with sizes, by which the stream is cut again and again, and the stream. After `raw` that is the
/// rest as it is. Else each line is a message, but for `end` with the JSON of the end, `head` with the flags and
/// the length that an envelope claims to have, and `wide` with a number of spaces that are a message with `{}`.
pub fn check(data: &[u8]) {
    let (first, rest) = split(data);
    let words = str::from_utf8(first).unwrap_or_default();
    let raw = words.strip_prefix("raw");
    let stream = if raw.is_some() {
        rest.to_vec()
    } else {
        read_lines(rest)
    };
    let sizes: Vec<usize> = raw
        .unwrap_or(words)
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .filter(|size| *size > 0)
        .collect();
    let cut = cut(&stream, &sizes);
    let pieces = read(&cut);
    assert_eq!(pieces, read(&[&stream]), "by where it is cut");
    if stream.len() <= BY_BYTE {
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(pieces, read(&single), "byte by byte");
    }
    check_pieces(&pieces, &stream);
    check_kept(&cut);
    check_desk(&pieces);
}

fn read_lines(data: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for line in data.split(|&byte| byte == b'\n') {
        let words = str::from_utf8(line).unwrap_or_default();
        if let Some(json) = line.strip_prefix(b"end ") {
            stream.extend(envelope(2, json));
        } else if let Some(words) = words.strip_prefix("head ") {
            let (flags, length) = words.split_once(' ').unwrap_or((words, ""));
            stream.push(flags.parse().unwrap_or_default());
            stream.extend(length.parse().unwrap_or(u32::MAX).to_be_bytes());
        } else if let Some(size) = words.strip_prefix("wide ") {
            let size: usize = size.parse().unwrap_or_default();
            let size = size.min(LONGEST.saturating_sub(stream.len()));
            stream.extend(envelope(0, &[&vec![b' '; size], &b"{}"[..]].concat()));
        } else {
            stream.extend(envelope(0, line));
        }
    }
    stream
}

fn cut<'a>(mut stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut sizes = sizes.iter().cycle();
    let mut pieces = Vec::new();
    while !stream.is_empty() {
        let size = sizes.next().copied().unwrap_or(stream.len());
        let (piece, rest) = stream.split_at(size.min(stream.len()));
        pieces.push(piece);
        stream = rest;
    }
    pieces
}

fn read(cut: &[&[u8]]) -> Vec<Piece> {
    let mut reader = desk().reader();
    let mut pieces = Vec::new();
    for bytes in cut {
        pieces.extend(reader.read(bytes));
    }
    if pieces.last().is_some_and(is_end) {
        assert_eq!(reader.read(&envelope(0, b"{}")), [], "more after the end");
    }
    pieces
}

fn is_end(piece: &Piece) -> bool {
    matches!(piece, Piece::Broken(_))
}

/// The same by a second reading of the protocol.
fn check_pieces(pieces: &[Piece], stream: &[u8]) {
    let (mut rest, mut messages, mut ended) = (stream, 0, false);
    while let (Some((&[flags, a, b, c, d], body)), false) = (rest.split_first_chunk(), ended) {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if flags & !2 != 0 || length > MAX_MESSAGE {
            ended = true;
        } else if body.len() < length {
            break;
        } else {
            let (body, after) = body.split_at(length);
            let object = serde_json::from_slice::<Value>(body).is_ok_and(|json| json.is_object());
            ended = flags == 2 || !object;
            messages += usize::from(!ended);
            rest = after;
        }
    }
    assert_eq!(pieces.len(), messages + usize::from(ended));
    let ends = pieces.iter().position(is_end);
    assert_eq!(ends, ended.then_some(messages));
}

/// Whatever comes: no more is kept than one message and one piece.
fn check_kept(cut: &[&[u8]]) {
    let mut decoder = Decoder::default();
    for bytes in cut {
        decoder.feed(bytes);
        assert!(decoder.kept() <= HEAD + MAX_MESSAGE + bytes.len());
        while let Ok(Some(_)) = decoder.next_frame() {}
        assert!(decoder.kept() <= HEAD + MAX_MESSAGE + bytes.len());
        assert!(format!("{decoder:?}").len() < 80, "no log shows it");
    }
}

/// A desk hears it, on a first stream and on the next.
fn check_desk(pieces: &[Piece]) {
    let mut caller = Caller::default();
    caller.event(Event::Start);
    for _ in 0..2 {
        let Some(stream) = caller.newest() else {
            return;
        };
        caller.event(Event::Opened { stream });
        for piece in pieces {
            caller.hear(stream, piece.clone());
            while !caller.sent.is_empty() {
                caller.replied(Sent {
                    outcome: Outcome::Accepted,
                    trouble: None,
                });
            }
        }
        caller.hear(stream, Piece::Broken(Trouble::Lost));
        while let Some(turn) = caller.tokens.pop() {
            caller.event(Event::Token { turn });
        }
        caller.sleep();
    }
}
