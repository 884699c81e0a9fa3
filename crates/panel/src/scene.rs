//! Everything that the panel is drawn from, and what all its regions have in common.

use patchcord::desk::About;
use patchcord_core::capability::Capability;
use patchcord_core::desk::action::Action;
use patchcord_core::desk::allowed::{Refusal, Standing};
use patchcord_core::desk::session::Session;
use patchcord_core::desk::view::{Call, Member, View};
use patchcord_core::payload::Payload;
use patchcord_core::record::Record;

use crate::act::What;
use crate::command;
use crate::icon::{Icon, icon};
use crate::node::{Node, el, span};
use crate::texts::{Said, Texts};
use crate::ui::Ui;

/// A person is told of a lost connection after so many milliseconds.
pub const LOST_MS: u64 = 3_000;

/// What the panel is drawn from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The desk.
    pub session: &'a Session,
    /// The texts.
    pub texts: &'a Texts,
    /// What the person has open.
    pub ui: &'a Ui,
    /// What the page and the browser say.
    pub outside: &'a Outside,
    /// Milliseconds since the epoch.
    pub now: u64,
    /// A time of day, in the person's own words and zone.
    pub clock: &'a dyn Fn(u64) -> String,
    /// So many seconds with their unit, in the person's own words.
    pub seconds: &'a dyn Fn(u64) -> String,
}

/// What the page and the browser say.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// How signing in goes.
    pub signing_in: SigningIn,
    /// Whether the person signed in here, and so can sign out.
    pub may_sign_out: bool,
    /// Another tab has the connection, and this one follows it.
    pub follows: bool,
    /// Why there is no connection, where it is known.
    pub failure: Option<Said>,
    /// What the page offers to dial.
    pub offer: Offer,
    /// What travels with calls that were placed from this browser, by their ids.
    pub abouts: Vec<(String, About)>,
}

/// How signing in goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SigningIn {
    /// Nobody is.
    #[default]
    Idle,
    /// The person is at it, in another window.
    Waiting,
    /// It did not work.
    Failed(Said),
}

/// What the page offers to dial.
#[derive(Debug, Clone, Default)]
pub struct Offer {
    /// The number; empty for none.
    pub number: String,
    /// The record.
    pub record: Option<Record>,
    /// The payload.
    pub payload: Payload,
    /// Both, for showing; `None` where there is neither.
    pub about: Option<About>,
}

impl<'a> Scene<'a> {
    /// The platform's state.
    pub fn view(&self) -> &'a View {
        self.session.view()
    }

    /// The text of a key.
    pub fn t(&self, key: &'a str) -> &'a str {
        self.texts.get(key)
    }

    /// Whether the platform can do that.
    pub fn can(&self, capability: Capability) -> bool {
        self.session.capabilities().contains(&capability)
    }

    /// Whether the view is current.
    pub fn is_current(&self) -> bool {
        is_current(self.session.standing())
    }

    /// Whether the connection has been lost for so long that a person should know; one that comes back at once is
    /// nobody's concern.
    pub fn is_lost(&self) -> bool {
        let since = self.ui.stale_since.unwrap_or(self.now);
        self.session.standing() == Standing::Stale && self.now >= since + LOST_MS
    }

    /// Why an action is not allowed now, if it is not.
    pub fn refusal(&self, action: &Action) -> Option<Refusal> {
        self.session.allowed(action).err()
    }

    /// Why something is not allowed, in words.
    pub fn why(&self, refusal: Refusal) -> String {
        self.texts.word("desk.refusal.", refusal.as_str())
    }

    /// Who is on the other side of a call, and their number beneath where that is something else.
    pub fn who(&self, call: &Call) -> (String, String) {
        let apart = |shown| self.texts.apart(shown);
        match call.other_party() {
            None => (self.t("desk.anonymous").to_owned(), String::new()),
            Some(number) => match self.view().name_of(number) {
                Some(name) => (apart(name), apart(number)),
                None => (apart(number), String::new()),
            },
        }
    }

    /// What to call a member of a conference. A platform may have only the number; the phonebook knows whose it is.
    pub fn member(&self, one: &'a Member) -> &'a str {
        let known = self.view().name_of(&one.number);
        let names = [&*one.display, &*one.number, &*one.agent];
        let mut names = names.into_iter().filter(|name| !name.is_empty());
        known.or_else(|| names.next()).unwrap_or_default()
    }

    /// A button for a command: absent where the platform cannot do it; busy while it is on its way; where it is
    /// not allowed now it says why, and can still be reached, so that this can be read.
    pub fn tool(&self, what: What, on: &str, shows: Icon) -> Option<Node> {
        let button = self.command(what, on, "tool")?;
        let label = self.texts.word("desk.do.", what.word());
        Some(button.with(icon(shows)).with(span("", &label)))
    }

    /// The same with its words alone.
    pub fn plain(&self, what: What, on: &str, class: &str) -> Option<Node> {
        let button = self.command(what, on, class)?;
        let label = self.texts.word("desk.do.", what.word());
        Some(button.text(&label))
    }

    /// A button for a command, without anything in it.
    pub fn command(&self, what: What, on: &str, class: &str) -> Option<Node> {
        let refusal = self.verdict(what, on)?;
        Some(self.refused(button(class).act(what, on), refusal))
    }

    /// A button for a command with a sign only; what it does, or why not, is shown beside it when it is pointed at.
    pub fn sign_command(&self, what: What, on: &str, shows: Icon, label: &str) -> Option<Node> {
        let refusal = self.verdict(what, on)?;
        let sign = button("sign").act(what, on).label(label).with(icon(shows));
        Some(match refusal {
            None => sign.at("title", label),
            refusal => self.refused(sign, refusal),
        })
    }

    /// Why a command is not allowed now, if it is not; `None` where the platform cannot do it at all.
    #[inline(never)]
    pub fn verdict(&self, what: What, on: &str) -> Option<Option<Refusal>> {
        let action = command::action(what, on, "1", self.view())?;
        let can = self.can(action.kind().capability());
        can.then(|| self.refusal(&action))
    }

    /// A control that cannot be used now, with the reason.
    #[inline(never)]
    pub fn refused(&self, node: Node, refusal: Option<Refusal>) -> Node {
        match refusal {
            None => node,
            Some(refusal) => node
                .is("aria-busy", refusal == Refusal::AlreadyAsked)
                .is("aria-disabled", true)
                .at("title", &self.why(refusal)),
        }
    }

    /// A button that shows something else, and sends nothing.
    pub fn switch(&self, what: What, on: &str, class: &str) -> Node {
        let label = self.texts.word("desk.do.", what.word());
        button(class).act(what, on).text(&label)
    }

    /// A button with a sign only.
    #[inline(never)]
    pub fn sign(&self, what: What, on: &str, shows: Icon, label: &str) -> Node {
        button("sign")
            .act(what, on)
            .label(label)
            .at("title", label)
            .with(icon(shows))
    }
}

/// Whether a view with this standing is current.
pub fn is_current(standing: Standing) -> bool {
    matches!(
        standing,
        Standing::Live | Standing::Polling | Standing::SettingUp
    )
}

/// A button.
pub fn button(class: &str) -> Node {
    el("button").at("type", "button").class(class)
}

/// A button that sends its form.
pub fn submit(class: &str) -> Node {
    el("button").at("type", "submit").class(class)
}
