//! The stream of `StateUpdate`s.

use super::{entity, fault};
use crate::connect::{Decoder, Frame};
use crate::desk::fault::Trouble;
use crate::desk::session::Piece;
use crate::desk::state::{Numbered, Patch, Update};
use crate::json::Json;
use crate::provider::desk::StreamReader;

/// Reads one stream.
#[derive(Debug, Default)]
pub(super) struct Reader(Decoder);

impl StreamReader for Reader {
    fn read(&mut self, piece: &[u8]) -> Vec<Piece> {
        self.0.feed(piece);
        let mut pieces = Vec::new();
        loop {
            pieces.push(match self.0.next_frame() {
                Ok(None) => return pieces,
                Ok(Some(Frame::Message(message))) => match update(message) {
                    Some(numbered) => Piece::Update(numbered),
                    None => Piece::Broken(Trouble::Garbled),
                },
                Ok(Some(Frame::End(None))) => Piece::Broken(Trouble::Lost),
                Ok(Some(Frame::End(Some(error)))) => Piece::Broken(fault::stream_trouble(&error)),
                Err(_) => {
                    pieces.push(Piece::Broken(Trouble::Garbled));
                    return pieces;
                }
            });
        }
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
