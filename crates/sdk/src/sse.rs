//! Reads `text/event-stream`, as the HTML standard defines it. Pure: bytes in, events out.

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
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
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
            "id" if !value.contains('\0') => self.id = value.to_owned(),
            // A comment, `retry` (the pause is this side's own), or something new.
            _ => {}
        }
        None
    }
}
