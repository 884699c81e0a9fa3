//! Reads `text/event-stream`, as the HTML standard defines it. Pure: bytes in, events out.

use patchcord_core::text;

/// A line longer than this is dropped: no event of the relay comes near it.
const MAX_LINE: usize = 256 * 1024;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name; `message` where the stream gave none.
    pub name: String,
    /// Its data, lines joined by `\n`.
    pub data: String,
    /// The newest id of the stream so far, for `Last-Event-ID`.
    pub id: String,
}

/// The state between two pieces of a stream.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    after_cr: bool,
    started: bool,
    name: String,
    data: Option<String>,
    id: String,
}

impl Parser {
    /// A parser that goes on after `last_event_id`.
    pub fn resume(last_event_id: &str) -> Self {
        Self {
            id: last_event_id.to_owned(),
            ..Self::default()
        }
    }

    /// Takes in the next bytes and gives the events that they complete. Pieces may end anywhere, also within
    /// a character.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if self.after_cr => self.after_cr = false,
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    if line.len() < MAX_LINE {
                        // What is no UTF-8 is no event of the relay's.
                        events.extend(
                            String::from_utf8(line)
                                .ok()
                                .and_then(|line| self.line(&line)),
                        );
                    }
                }
                _ => {
                    self.after_cr = false;
                    if self.line.len() < MAX_LINE {
                        self.line.push(byte);
                    }
                }
            }
        }
        events
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        let line = if self.started {
            line
        } else {
            line.strip_prefix('\u{feff}').unwrap_or(line)
        };
        self.started = true;
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            let data = self.data.take()?;
            let name = if name.is_empty() {
                "message".to_owned()
            } else {
                name
            };
            return Some(Event {
                name,
                data,
                id: self.id.clone(),
            });
        }
        let (field, value) = text::split(line, b':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => self.name = value.to_owned(),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "id" if !value.bytes().any(|byte| byte == 0) => self.id = value.to_owned(),
            // A comment, `retry` (the pause is this side's own), or something new.
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn event(name: &str, data: &str, id: &str) -> Event {
        Event {
            name: name.into(),
            data: data.into(),
            id: id.into(),
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn an_event_is_read_wherever_the_pieces_end() {
        let stream = "\u{feff}id: 7\r\nevent: call\r\ndata: {\"name\":\"Åsa\"}\r\n\r\n".as_bytes();
        for size in 1..=stream.len() {
            let mut parser = Parser::default();
            let events: Vec<_> = stream
                .chunks(size)
                .flat_map(|piece| parser.feed(piece))
                .collect();
            assert_eq!(
                events,
                [event("call", "{\"name\":\"Åsa\"}", "7")],
                "pieces of {size}"
            );
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn all_three_line_ends_end_a_line() {
        for end in ["\n", "\r", "\r\n"] {
            let stream = ["data: a", "data:b", "", "data: c", "", ""].join(end);
            let events = Parser::default().feed(stream.as_bytes());
            assert_eq!(
                events,
                [event("message", "a\nb", ""), event("message", "c", "")],
                "{end:?}"
            );
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn comments_and_unknown_fields_say_nothing_and_an_id_stays() {
        let stream = b": hello\nretry: 10\nid: 3\n\nfoo: bar\ndata: x\n\nid: a\0b\ndata: y\n\n";
        let events = Parser::resume("1").feed(stream);
        assert_eq!(
            events,
            [event("message", "x", "3"), event("message", "y", "3")]
        );
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_stream_that_is_resumed_keeps_its_id_until_there_is_a_newer_one() {
        assert_eq!(
            Parser::resume("41").feed(b"data: x\n\n"),
            [event("message", "x", "41")]
        );
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn an_unfinished_event_is_none() {
        assert!(Parser::default().feed(b"data: x\n").is_empty());
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_line_without_end_does_not_fill_the_memory() {
        let mut parser = Parser::default();
        for _ in 0..8 {
            parser.feed(&[b'x'; 100_000]);
        }
        assert!(parser.line.len() <= MAX_LINE);
        assert_eq!(parser.feed(b"\ndata: y\n\n"), [event("message", "y", "")]);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn bytes_that_are_no_text_are_left_out() {
        let events = Parser::default().feed(b"data: \xff\xfe\ndata: ok\n\n");
        assert_eq!(events, [event("message", "ok", "")]);
    }
}
