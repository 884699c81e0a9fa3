//! How frames are written to a stream, also when it misbehaves.

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::babelforce::oauth::Bearer;

/// A piece of the body of a stream.
pub(crate) enum Piece {
    Bytes(Bytes),
    /// The connection breaks here.
    Cut,
}

/// What the platform sends over one stream.
pub(crate) type Pieces = UnboundedReceiver<Piece>;

/// What happens to the next frame, or to the next one that has a number.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FrameFault {
    /// A number is used up, and its frame never sent.
    Skip,
    /// The frame is sent twice.
    Duplicate,
    /// The frame is sent after the one that follows it.
    Reorder,
    /// The frame and the one that follows it are written as one piece.
    Merge,
    /// The frame is written byte by byte.
    Split,
    /// The connection breaks after so many bytes of the frame.
    CutAt(usize),
}

impl FrameFault {
    /// Whether it waits for a snapshot or a patch.
    pub fn wants_numbered(self) -> bool {
        matches!(self, Self::Skip | Self::Duplicate | Self::Reorder)
    }
}

/// The stream that is open: the newest of its agent.
pub(super) struct Stream {
    pub id: u64,
    pub bearer: Bearer,
    pub pieces: UnboundedSender<Piece>,
    /// A frame that was told to go after the next one.
    pub overtaken: Option<Bytes>,
    /// A frame that was told to go in one piece with the next.
    pub unwritten: Option<Bytes>,
    pub voice: Voice,
    pub beats: u64,
    /// The newest ping, and how many are unanswered.
    pub ping: u64,
    pub unanswered: u32,
}

/// Whether what is sent is also written.
pub(super) enum Voice {
    Speaking,
    Silent(Vec<Bytes>),
}

/// Whether a frame has a number of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbered {
    Yes,
    No,
}

/// What a frame has left of its stream.
#[derive(PartialEq, Eq)]
pub(super) enum Left {
    Open,
    Broken,
}

impl Stream {
    /// Writes a frame, or what a fault makes of it.
    pub fn write_with(
        &mut self,
        fault: Option<FrameFault>,
        frame: Bytes,
        numbered: Numbered,
    ) -> Left {
        match fault {
            Some(FrameFault::Skip) => {}
            Some(FrameFault::Duplicate) => {
                self.write(frame.clone(), numbered);
                self.write(frame, numbered);
            }
            Some(FrameFault::Reorder) if self.overtaken.is_none() => self.overtaken = Some(frame),
            Some(FrameFault::Merge) if self.unwritten.is_none() => self.unwritten = Some(frame),
            None | Some(FrameFault::Reorder | FrameFault::Merge) => self.write(frame, numbered),
            Some(FrameFault::Split) => {
                let frame = self.after_unwritten(frame);
                for at in 0..frame.len() {
                    self.write_piece(frame.slice(at..=at));
                }
            }
            Some(FrameFault::CutAt(length)) => {
                let before = self.after_unwritten(Bytes::new());
                self.write_piece(before);
                self.write_piece(frame.slice(..length.min(frame.len())));
                self.cut();
                return Left::Broken;
            }
        }
        Left::Open
    }

    /// Writes the last frame, after whatever was kept back.
    pub fn end(&mut self, frame: Bytes) {
        self.resume();
        if let Some(overtaken) = self.overtaken.take() {
            self.write(overtaken, Numbered::No);
        }
        self.write(frame, Numbered::No);
    }

    /// The frame, with the one before it that was to go in the same piece.
    fn after_unwritten(&mut self, frame: Bytes) -> Bytes {
        match self.unwritten.take() {
            Some(first) => [first, frame].concat().into(),
            None => frame,
        }
    }

    fn write(&mut self, frame: Bytes, numbered: Numbered) {
        let frame = self.after_unwritten(frame);
        self.write_piece(frame);
        if numbered == Numbered::Yes
            && let Some(overtaken) = self.overtaken.take()
        {
            self.write_piece(overtaken);
        }
    }

    fn write_piece(&mut self, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        match &mut self.voice {
            Voice::Silent(kept) => kept.push(bytes),
            Voice::Speaking => self.put(Piece::Bytes(bytes)),
        }
    }

    pub fn cut(&self) {
        self.put(Piece::Cut);
    }

    /// Where the client has gone away, there is nobody to tell.
    fn put(&self, piece: Piece) {
        let _ = self.pieces.send(piece);
    }

    pub fn resume(&mut self) {
        if let Voice::Silent(kept) = std::mem::replace(&mut self.voice, Voice::Speaking) {
            for bytes in kept {
                self.put(Piece::Bytes(bytes));
            }
        }
    }
}
