//! The Connect protocol's streams of JSON messages.
//!
//! Each message stands in an envelope: a byte of flags, four of length (the highest first), and so many bytes of
//! JSON. The last envelope of a stream is marked, and may say why it ends. Source: connectrpc.com/docs/protocol.
//!
//! ```
//! use patchcord_core::connect::{Decoder, Frame, envelope};
//!
//! let mut decoder = Decoder::default();
//! decoder.feed(&envelope("{}"));
//! assert_eq!(decoder.next_frame(), Ok(Some(Frame::Message(b"{}"))));
//! assert_eq!(decoder.next_frame(), Ok(None));
//! ```

use std::fmt;

use crate::json::Json;

/// The media type of a stream, both ways.
pub const STREAM_TYPE: &str = "application/connect+json";
/// The header that every request has.
pub const VERSION: (&str, &str) = ("Connect-Protocol-Version", "1");
/// The most bytes of one message, as of a reply elsewhere. A whole view with 200 contacts has a twentieth of that.
pub const MAX_MESSAGE: usize = 1024 * 1024;

const COMPRESSED: u8 = 0x01;
const END: u8 = 0x02;
const HEAD: usize = 5;

/// One message in its envelope, as a request has it.
pub fn envelope(json: &str) -> Vec<u8> {
    let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
    let mut out = vec![0];
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(json.as_bytes());
    out
}

/// What one envelope holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message: JSON text, not read yet.
    Message(&'a [u8]),
    /// The stream ends here, perhaps because something went wrong. Nothing comes after it.
    End(Option<RpcError>),
}

/// Why a stream cannot be read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Garbled {
    /// A message is compressed; nobody asked for that.
    #[error("a message is compressed")]
    Compressed,
    /// A flag that is not known.
    #[error("an unknown flag")]
    UnknownFlag,
    /// A message is longer than [`MAX_MESSAGE`].
    #[error("a message is too long")]
    TooLong,
    /// The last envelope is no JSON object.
    #[error("the end of the stream cannot be read")]
    UnreadableEnd,
}

/// What a call answers where it went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RpcError {
    /// The protocol's code, as `unauthenticated`; open.
    pub code: String,
    /// What happened, for a developer.
    pub message: String,
    /// More about it, each with its type and its value in base64.
    pub details: Vec<(String, String)>,
}

impl RpcError {
    /// Reads the body of a reply that is no success; `None` where it is none of this protocol.
    pub fn read(body: &[u8]) -> Option<Self> {
        let json = Json::read(body)?;
        let error = Self::of(&json);
        (!error.code.is_empty()).then_some(error)
    }

    fn of(json: &Json<'_>) -> Self {
        Self {
            code: json.text("code"),
            message: json.text("message"),
            details: json.list("details", |detail| {
                (detail.text("type"), detail.text("value"))
            }),
        }
    }
}

/// Takes a stream apart, wherever its pieces begin and end. `Debug` shows how much it keeps, not what.
#[derive(Clone, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// How much of the buffer was given out.
    used: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    Ended,
    Garbled(Garbled),
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decoder({:?}, {} bytes)", self.state, self.kept())
    }
}

impl Decoder {
    /// How many bytes are kept: of a message that is not there as a whole, and of the last piece. With each piece
    /// asked for all it has ([`Decoder::next_frame`]), never more than [`MAX_MESSAGE`], five and that piece.
    pub fn kept(&self) -> usize {
        self.buffer.len()
    }

    /// Takes in the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        if self.state == State::Open {
            self.buffer.drain(..self.used.min(self.buffer.len()));
            self.used = 0;
            self.buffer.extend_from_slice(piece);
        }
    }

    /// The next envelope, if it is there as a whole. Ask again until there is none.
    ///
    /// # Errors
    /// [`Garbled`]; the same again from then on.
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, Garbled> {
        match self.state {
            State::Open => {}
            State::Ended => return Ok(None),
            State::Garbled(why) => return Err(why),
        }
        let rest = self.buffer.get(self.used..).unwrap_or_default();
        let Some((&[flags, a, b, c, d], _)) = rest.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX);
        let wrong = if flags & COMPRESSED != 0 {
            Some(Garbled::Compressed)
        } else if flags & !END != 0 {
            Some(Garbled::UnknownFlag)
        } else if length > MAX_MESSAGE {
            Some(Garbled::TooLong)
        } else {
            None
        };
        if let Some(why) = wrong {
            return Err(self.garble(why));
        }
        let (from, end) = (self.used + HEAD, self.used + HEAD + length);
        if self.buffer.len() < end {
            return Ok(None);
        }
        if flags & END == 0 {
            self.used = end;
            return Ok(self.buffer.get(from..end).map(Frame::Message));
        }
        let buffer = std::mem::take(&mut self.buffer);
        match buffer.get(from..end).and_then(Json::read) {
            Some(json) if json.is_object() => {
                self.state = State::Ended;
                let error = json.at("error");
                let error = error.is_object().then(|| RpcError::of(error));
                Ok(Some(Frame::End(error)))
            }
            _ => Err(self.garble(Garbled::UnreadableEnd)),
        }
    }

    fn garble(&mut self, why: Garbled) -> Garbled {
        self.state = State::Garbled(why);
        self.buffer = Vec::new();
        why
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn framed(flags: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![flags];
        out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
        out.extend_from_slice(body);
        out
    }

    /// Everything that comes of the pieces, as text.
    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        for piece in pieces {
            decoder.feed(piece);
            loop {
                match decoder.next_frame() {
                    Ok(Some(frame)) => out.push(format!("{frame:?}")),
                    Ok(None) => break,
                    Err(why) => {
                        out.push(format!("{why:?}"));
                        return out;
                    }
                }
            }
        }
        out
    }

    fn stream() -> Vec<u8> {
        let end = br#"{"error":{"code":"unauthenticated","message":"token expired","details":[{"type":"a.B","value":"eA=="}]},"metadata":{"x":["y"]}}"#;
        [
            framed(0, br#"{"seq":"1"}"#),
            framed(0, b""),
            framed(0, "{\"name\":\"Åsa\"}".as_bytes()),
            framed(END, end),
        ]
        .concat()
    }

    #[test]
    fn the_frames_are_the_same_for_every_split_at_each_byte() {
        let stream = stream();
        let whole = read(&[&stream]);
        assert_eq!(whole.len(), 4);
        for at in 0..=stream.len() {
            let (left, right) = stream.split_at(at);
            assert_eq!(read(&[left, right]), whole, "split at {at}");
            for further in at..=stream.len() {
                let (middle, right) = right.split_at(further - at);
                assert_eq!(
                    read(&[left, middle, right]),
                    whole,
                    "split at {at} and {further}"
                );
            }
        }
        let single: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(read(&single), whole);
    }

    #[test]
    fn the_end_says_why() {
        let mut decoder = Decoder::default();
        decoder.feed(&stream());
        let mut last = None;
        while let Some(frame) = decoder.next_frame().unwrap() {
            if let Frame::End(error) = frame {
                last = Some(error);
            }
        }
        let error = last.unwrap().unwrap();
        assert_eq!(error.code, "unauthenticated");
        assert_eq!(error.message, "token expired");
        assert_eq!(error.details, [("a.B".to_owned(), "eA==".to_owned())]);
        decoder.feed(&framed(0, b"{}"));
        assert_eq!(decoder.next_frame(), Ok(None), "nothing comes after it");
    }

    #[test]
    fn an_end_without_an_error_is_no_error() {
        for end in [r#"{}"#, r#"{"metadata":{}}"#, r#"{"error":null}"#] {
            let mut decoder = Decoder::default();
            decoder.feed(&framed(END, end.as_bytes()));
            assert_eq!(decoder.next_frame(), Ok(Some(Frame::End(None))), "{end}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_and_stays_so() {
        let long = u32::try_from(MAX_MESSAGE + 1).unwrap().to_be_bytes();
        for (bytes, why) in [
            (framed(COMPRESSED, b"x"), Garbled::Compressed),
            (framed(COMPRESSED | END, b"{}"), Garbled::Compressed),
            (framed(0x80, b"x"), Garbled::UnknownFlag),
            ([&[0][..], &long].concat(), Garbled::TooLong),
            (framed(END, b"nonsense"), Garbled::UnreadableEnd),
            (framed(END, b""), Garbled::UnreadableEnd),
            (b"<html>".to_vec(), Garbled::UnknownFlag),
        ] {
            let mut decoder = Decoder::default();
            decoder.feed(&bytes);
            assert_eq!(decoder.next_frame(), Err(why));
            decoder.feed(&framed(0, b"{}"));
            assert_eq!(decoder.next_frame(), Err(why));
        }
    }

    #[test]
    fn a_message_of_the_greatest_length_is_read() {
        let mut decoder = Decoder::default();
        decoder.feed(&framed(0, &vec![b' '; MAX_MESSAGE]));
        let frame = decoder.next_frame().unwrap().unwrap();
        assert!(matches!(frame, Frame::Message(message) if message.len() == MAX_MESSAGE));
    }

    #[test]
    fn the_error_of_a_single_call_is_read_and_a_page_is_none() {
        let error = RpcError::read(br#"{"code":"not_found","message":"x"}"#).unwrap();
        assert_eq!(
            (error.code.as_str(), error.message.as_str()),
            ("not_found", "x")
        );
        for other in ["<html>", "{}", "[]", "\"not_found\"", r#"{"code":404}"#] {
            assert_eq!(RpcError::read(other.as_bytes()), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_pieces_give_the_same_and_never_panic(
            bytes in proptest::collection::vec(prop_oneof![Just(0u8), Just(2), any::<u8>()], 0..200),
            size in 1usize..20,
        ) {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            prop_assert_eq!(read(&pieces), read(&[&bytes]));
        }

        #[test]
        fn what_is_enveloped_comes_out(texts in proptest::collection::vec(".{0,40}", 0..8), size in 1usize..50) {
            let stream: Vec<u8> = texts.iter().flat_map(|text| envelope(text)).collect();
            let mut decoder = Decoder::default();
            let mut out = Vec::new();
            for piece in stream.chunks(size) {
                decoder.feed(piece);
                while let Some(Frame::Message(message)) = decoder.next_frame().unwrap() {
                    out.push(String::from_utf8(message.to_vec()).unwrap());
                }
            }
            prop_assert_eq!(out, texts);
        }
    }
}
