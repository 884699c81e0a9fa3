//! The stream of `StateUpdate`s.

use super::{entity, fault};
use crate::connect::{Decoder, Frame};
use crate::desk::fault::Trouble;
use crate::desk::session::Piece;
use crate::desk::state::{Numbered, Patch, Update};
use crate::json::Json;
use crate::provider::desk::StreamReader;

/// Reads one stream. Nothing is left of it once it broke.
pub(super) struct Reader(Option<Decoder>);

impl Default for Reader {
    fn default() -> Self {
        Self(Some(Decoder::default()))
    }
}

impl StreamReader for Reader {
    fn read(&mut self, piece: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let Some(decoder) = self.0.as_mut() else {
            return pieces;
        };
        decoder.feed(piece);
        let why = loop {
            match decoder.next_frame() {
                Ok(None) => return pieces,
                Ok(Some(Frame::Message(message))) => match update(message) {
                    Some(numbered) => pieces.push(Piece::Update(numbered)),
                    None => break Trouble::Garbled,
                },
                Ok(Some(Frame::End(None))) => break Trouble::Lost,
                Ok(Some(Frame::End(Some(error)))) => break fault::stream_trouble(&error),
                Err(_) => break Trouble::Garbled,
            }
        };
        self.0 = None;
        pieces.push(Piece::Broken(why));
        pieces
    }
}

/// A `StateUpdate`; `None` for what is no JSON object.
pub(super) fn update(message: &[u8]) -> Option<Numbered> {
    let json = Json::read(message).filter(Json::is_object)?;
    let seq = json.whole("seq");
    // One member beside the number. A member that is there as `null` is not there.
    let mut members = json.members().iter().filter(|(_, value)| value.is_object());
    let update = members.find_map(|(name, value)| {
        Some(match &**name {
            "patch" => Update::Patch(patch(value)),
            "snapshot" => Update::Snapshot(Box::new(entity::view(value))),
            "keepalive" => Update::Keepalive,
            "ping" => Update::Ping(value.whole("seq")),
            "error" => fault::update(value),
            _ => return None,
        })
    });
    Some(Numbered {
        seq,
        update: update.unwrap_or(Update::Other),
    })
}

fn patch(json: &Json<'_>) -> Patch {
    let mut members = json.members().iter();
    let patch = members.find_map(|(name, value)| {
        Some(match (&**name, value) {
            (_, Json::Null) => return None,
            ("callUpsert", _) => Patch::Call(Box::new(entity::call(value))),
            ("callRemove", _) => Patch::CallGone(value.as_text().to_owned()),
            ("agent", _) => Patch::Agent(Box::new(entity::agent(value))),
            ("wrapUp", _) => Patch::WrapUp(entity::wrap_up(value)),
            ("conferenceUpsert", _) => Patch::Conference(Box::new(entity::conference(value))),
            ("conferenceRemove", _) => Patch::ConferenceGone(value.as_text().to_owned()),
            ("smsUpsert", _) => Patch::Conversation(Box::new(entity::conversation(value))),
            ("smsRemove", _) => Patch::ConversationGone(value.as_text().to_owned()),
            ("config", _) => Patch::Features(Box::new(entity::features(value))),
            ("notification", _) => Patch::Notification(Box::new(entity::notification(value))),
            _ => return None,
        })
    });
    patch.unwrap_or(Patch::Other)
}
