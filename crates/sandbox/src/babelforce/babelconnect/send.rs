//! `Send`: which command does what.

use super::campaign;
use super::command::Command;
use super::problem::{Code, Problem};
use crate::babelforce::{Babelforce, Moment};

impl Babelforce {
    /// Carries a command out. Whether it could be is told on the stream, never in the reply.
    pub(super) fn carry_out(
        &mut self,
        agent: &'static str,
        command: Command,
        window: u64,
        moment: &mut Moment,
    ) {
        let done = self.try_to(agent, command, window, moment);
        self.publish(moment);
        if let Err(problem) = done {
            self.complain(agent, &problem);
        }
    }

    fn try_to(
        &mut self,
        agent: &'static str,
        command: Command,
        window: u64,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        match command {
            Command::Register(wish) => self.register_agent(agent, wish.capabilities),
            Command::PlaceCall(wish) => self.place(agent, wish, moment)?,
            Command::Answer(wish) => self.answer_call(agent, wish, window, moment)?,
            Command::Hangup(wish) => self.hang_up(agent, &wish.call_id, window, moment)?,
            Command::Mute(wish) => self.mute(agent, &wish, window, moment)?,
            Command::Hold(wish) => self.hold(agent, &wish)?,
            Command::Dtmf(wish) => self.send_digits(agent, &wish, moment.at)?,
            Command::Transfer(wish) => self.transfer(agent, &wish, moment)?,
            Command::StartConference(wish) => self.start_conference(agent, &wish, moment)?,
            Command::AddConferenceMember(wish) => self.add_member(agent, wish, moment)?,
            Command::KickConferenceMember(wish) => self.kick(agent, &wish.member_id, moment)?,
            Command::HoldConferenceMember(wish) => self.hold_member(agent, &wish)?,
            Command::MuteConferenceMember(wish) => self.mute_member(agent, &wish)?,
            Command::LeaveConference(wish) => {
                self.leave_conference(agent, &wish.call_id, moment)?;
            }
            Command::EndConference => self.end_conference(agent, moment)?,
            Command::StartRecording(wish) => self.start_recording(agent, &wish.call_id, moment)?,
            Command::StopRecording(wish) => self.stop_recording(agent, &wish.call_id, moment)?,
            Command::FlagRecording(wish) => self.flag_recording(agent, &wish.call_id)?,
            Command::SetRecordingTags(wish) => self.tag_recording(agent, wish)?,
            Command::SetPresence(wish) => self.set_presence(agent, &wish.name, moment)?,
            Command::SetDisplayAs(wish) => self.set_display_as(agent, &wish.number)?,
            Command::SetWebrtc(wish) => self.set_webrtc(agent, &wish, moment)?,
            Command::SetAgentNumber(wish) => self.set_agent_number(agent, &wish.number, moment)?,
            Command::ResetLineStatus => self.reset_line(agent),
            Command::WrapUpExtend(wish) => self.extend_wrap_up(agent, wish.seconds)?,
            Command::WrapUpCancel => self.cancel_wrap_up(agent)?,
            Command::SendSms(wish) => self.send_sms(agent, wish, moment)?,
            Command::SetConversationOpen(wish) => self.open_conversation(agent, &wish)?,
            Command::MarkConversationRead(wish) => self.mark_read(agent, &wish.conversation_id)?,
            Command::JoinCampaign(wish) => self.join_campaign(agent, &wish, moment)?,
            Command::LeaveCampaign => self.leave_campaign(agent, moment.at)?,
            Command::PauseCampaign(wish) => self.pause_campaign(agent, &wish, moment.at)?,
            Command::DisposeCall(wish) => campaign::dispose(&wish)?,
            Command::EndCampaignCall => campaign::end_call()?,
            Command::Pong(wish) => self.pong(agent, wish.seq.0),
            Command::Unknown(name) => {
                let text = format!("the command {name:?} is not known here");
                return Err(Problem::new(Code::UnknownCommand, text));
            }
        }
        Ok(())
    }
}
