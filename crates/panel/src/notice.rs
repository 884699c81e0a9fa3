//! What became of commands, and what else went wrong, shown where it was done.

use patchcord_core::desk::action::{Action, Kind};
use patchcord_core::desk::asked::{Asked, Progress};
use patchcord_core::desk::fault::Fault;
use patchcord_core::desk::view::Call;

use crate::act::What;
use crate::icon::CLOSE;
use crate::node::{Node, div, el};
use crate::scene::Scene;
use crate::texts::{Said, Texts, joined};
use crate::ui::{Notice, Sheet, Tab, Tone};
use patchcord_core::text::digits;

/// Where what became of a command is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home<'a> {
    /// At a call.
    Call(&'a str),
    /// At the conference.
    Conference,
    /// At the dialler.
    Dialler,
    /// At the time for notes.
    Notes,
    /// Among the settings.
    Settings,
    /// Above everything: where it was done is not on the page any more.
    Top,
}

/// Where what became of a command is shown now.
pub fn home<'a>(scene: &Scene<'a>, action: &'a Action) -> Home<'a> {
    let view = scene.view();
    let dials = matches!(scene.ui.sheet, Sheet::Closed) && scene.ui.tab == Tab::Dialler;
    let only_call = || view.live_calls().next().map(|call| &*call.id);
    if let Some(id) = action.call() {
        let live = view.live_calls().any(|call| call.id == id);
        return if live { Home::Call(id) } else { Home::Top };
    }
    match action.kind() {
        Kind::PlaceCall if dials => Home::Dialler,
        Kind::ExtendWrapUp | Kind::CancelWrapUp if view.wrap_up.active => Home::Notes,
        Kind::SetDisplayAs | Kind::SetNumber if matches!(scene.ui.sheet, Sheet::Settings) => {
            Home::Settings
        }
        Kind::StartConference
        | Kind::AddMember
        | Kind::HoldMember
        | Kind::MuteMember
        | Kind::KickMember
        | Kind::LeaveConference
        | Kind::EndConference => match (view.conference(), only_call()) {
            (Some(_), _) => Home::Conference,
            (None, Some(call)) => Home::Call(call),
            (None, None) => Home::Top,
        },
        _ => Home::Top,
    }
}

/// Everything that is shown at one place.
pub fn at(scene: &Scene<'_>, place: Home<'_>) -> Vec<Node> {
    let asked = scene.session.asked();
    let mut nodes: Vec<Node> = asked
        .filter(|asked| asked.is_bad() && home(scene, &asked.action) == place)
        .filter_map(|asked| {
            let (tone, said) = became(scene, asked)?;
            let id = digits(asked.id.into());
            Some(draw(
                scene,
                &["c", &id].concat(),
                tone,
                &said,
                What::Dismiss,
                &id,
            ))
        })
        .collect();
    for notice in &scene.ui.notices {
        if told_at(scene, notice) == place {
            let id = digits(notice.id.into());
            let key = ["n", &id].concat();
            nodes.push(draw(
                scene,
                &key,
                notice.tone,
                &notice.said,
                What::Read,
                &id,
            ));
        }
    }
    nodes
}

fn told_at<'a>(scene: &Scene<'a>, notice: &'a Notice) -> Home<'a> {
    let live = scene.view().live_calls().any(|call| call.id == notice.call);
    if live {
        Home::Call(&notice.call)
    } else {
        Home::Top
    }
}

/// What became of a command, where a person has to be told.
pub fn became(scene: &Scene<'_>, asked: &Asked) -> Option<(Tone, Said)> {
    let what = scene
        .texts
        .word("desk.action.", asked.action.kind().as_str());
    let (key, tone, said) = match &asked.progress {
        Progress::Sent | Progress::Taken | Progress::Done => return None,
        Progress::NotSeen => {
            let advice = scene.t("desk.not_seen.remedy").to_owned();
            let headline = String::new();
            ("desk.not_seen", Tone::Doubt, Said { headline, advice })
        }
        Progress::Refused(because) => ("desk.refused", Tone::Bad, scene.texts.because(because)),
        Progress::Unknown(because) => {
            let mut said = scene.texts.because(because);
            // It may have been done: whoever does it again has to look first.
            said.advice = scene.t("desk.unknown.remedy").to_owned();
            ("desk.unknown", Tone::Doubt, said)
        }
        Progress::Failed(fault) => ("desk.failed", Tone::Bad, of_fault(scene.texts, fault)),
    };
    Some((
        tone,
        Said {
            headline: scene.texts.fill(key, &what),
            advice: said.whole(),
        },
    ))
}

/// A call that was dialled and ended at once.
pub fn of_missed(scene: &Scene<'_>, call: &Call, who: &str) -> Said {
    Said {
        headline: scene.texts.fill("desk.say.failed", who),
        advice: match &*call.reason {
            "" => scene.t("desk.missed").to_owned(),
            reason => scene.texts.fill("desk.quoted", reason),
        },
    }
}

/// A fault in words: ours, then the platform's.
pub fn of_fault(texts: &Texts, fault: &Fault) -> Said {
    let headline = texts.word("desk.problem.", fault.problem.as_str());
    let words = match &*fault.message {
        "" => fault.code.clone(),
        message => message.to_owned(),
    };
    let seconds = fault.seconds.map(|seconds| {
        let seconds = digits(seconds.into());
        texts.fill("desk.problem.seconds", &seconds)
    });
    let quoted = (!words.is_empty()).then(|| texts.fill("desk.quoted", &words));
    Said {
        headline,
        advice: joined(
            &[&seconds.unwrap_or_default(), &quoted.unwrap_or_default()],
            " ",
        ),
    }
}

fn draw(scene: &Scene<'_>, key: &str, tone: Tone, said: &Said, what: What, id: &str) -> Node {
    let tone = match tone {
        Tone::Plain => "notice",
        Tone::Bad => "notice bad",
        Tone::Doubt => "notice doubt",
    };
    let mut words = div("words").with(el("b").text(&said.headline));
    if !said.advice.is_empty() {
        words = words.with(el("p").text(&said.advice));
    }
    div(tone)
        .key(key)
        .at("data-home", "")
        .with(words)
        .with(scene.sign(what, id, CLOSE, scene.t("desk.do.dismiss")))
}

/// Why what was just wanted at `place` is not done. The line is always there, so that nothing jumps.
pub fn hint(scene: &Scene<'_>, place: &str, otherwise: &str) -> Node {
    let hint = scene.ui.hint.as_ref().filter(|hint| hint.place == place);
    let says = hint.map_or(otherwise, |hint| &hint.why);
    el("p").class("hint").text(says)
}
