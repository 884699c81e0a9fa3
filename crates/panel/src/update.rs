//! What follows from what a person does.

use patchcord_core::call::CallRequest;
use patchcord_core::desk::action::{Action, Kind, MAX_DIGITS};
use patchcord_core::desk::allowed::Refusal;
use patchcord_core::desk::asked::Progress;
use patchcord_core::desk::session::Session;
use patchcord_core::error::Code;

use crate::act::{Act, What};
use crate::scene::Outside;
use crate::texts::Texts;
use crate::ui::{Digits, Hint, List, Looking, Past, Pick, Purpose, Sheet, Tab, Ui};
use crate::{command, dial, picker};

/// What has to be done outside of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Todo {
    /// Send this. It is allowed.
    Send(Action),
    /// Dial this. It is allowed.
    Dial(Box<CallRequest>),
    /// Open the desk, try again at once, or take it back.
    Start,
    /// Set the desk up again.
    SetUp,
    /// Forget what became of a command.
    Dismiss(u32),
    /// Open the page for signing in.
    SignIn,
    /// Give that up.
    CancelSignIn,
    /// Sign out.
    SignOut,
    /// Look for whom to transfer to, once nothing was typed for a moment.
    Targets(String),
    /// Ask for this page of the calls of the past.
    Recent(u32),
    /// Ask for the last calls with this number.
    LastCalls(String),
    /// Ask where this recording can be heard.
    Hear(String),
    /// Ask for this page of the phonebook; for what is typed, once nothing was typed for a moment.
    Phonebook(u32),
    /// Put the focus there, once it is on the page: a selector.
    Focus(String),
    /// Say this to those who do not see the panel.
    Say(String),
}

/// What an update reads.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// The desk.
    pub session: &'a Session,
    /// What the page and the browser say.
    pub outside: &'a Outside,
    /// The texts.
    pub texts: &'a Texts,
}

/// Does what a control stands for; `value` is what is typed or chosen in it.
pub fn update(ui: &mut Ui, around: Around<'_>, act: &Act, value: &str) -> Vec<Todo> {
    let mut turn = Turn {
        ui,
        around,
        todos: Vec::new(),
    };
    turn.act(act.what, &act.on, value);
    turn.todos
}

/// The next digits to play: those that wait, once the platform has taken the ones before.
pub fn next_digits(ui: &mut Ui, session: &Session) -> Option<Action> {
    let digits = &mut ui.digits;
    let mut on_its_way = false;
    let sent = session
        .asked()
        .filter(|asked| asked.action.kind() == Kind::SendDigits)
        .filter(|asked| asked.action.call() == Some(&digits.call));
    for asked in sent {
        on_its_way |= asked.progress == Progress::Sent;
        // In the order of their keys: after one that may be lost, those that waited would be others.
        if asked.is_bad() && asked.id > digits.lost {
            digits.lost = asked.id;
            digits.waiting.clear();
        }
    }
    if on_its_way || digits.waiting.is_empty() {
        return None;
    }
    let next: String = digits.waiting.chars().take(MAX_DIGITS).collect();
    let action = Action::SendDigits {
        call: digits.call.clone(),
        digits: next.parse().ok()?,
    };
    if session.allowed(&action).is_err() {
        digits.waiting.clear();
        return None;
    }
    let rest = digits.waiting.get(next.len()..).unwrap_or_default();
    digits.waiting = rest.to_owned();
    digits.sent.push_str(&next);
    Some(action)
}

/// A selector for what has this attribute.
pub fn having(attribute: &str, value: &str) -> String {
    let mut selector = ["[", attribute, "=\""].concat();
    for character in value.chars() {
        if matches!(character, '"' | '\\') {
            selector.push('\\');
        }
        selector.push(character);
    }
    selector.push_str("\"]");
    selector
}

struct Turn<'a> {
    ui: &'a mut Ui,
    around: Around<'a>,
    todos: Vec<Todo>,
}

impl Turn<'_> {
    fn act(&mut self, what: What, on: &str, value: &str) {
        let view = self.around.session.view();
        let place = place(what, on);
        match what {
            What::Digit => self.digit(on, value),
            What::Dial => {
                let number = self.ui.number.clone();
                self.dial(&number, place);
            }
            What::DialTo => self.dial(on, place),
            What::SetNumber => {
                let typed = self.ui.phone.as_deref().unwrap_or(&view.agent.number);
                match command::action(what, on, typed, view) {
                    Some(action) => self.send(action, place),
                    None => self.invalid(place),
                }
            }
            What::Start => self.todos.push(Todo::Start),
            What::SetUp => self.todos.push(Todo::SetUp),
            What::SignIn => self.todos.push(Todo::SignIn),
            What::CancelSignIn => self.todos.push(Todo::CancelSignIn),
            What::SignOut => {
                self.ui.sheet = Sheet::Closed;
                self.todos.push(Todo::SignOut);
            }
            What::Dismiss => {
                let id = on.parse().map(Todo::Dismiss);
                self.todos.extend(id);
            }
            What::Read => self
                .ui
                .notices
                .retain(|one| on != patchcord_core::text::digits(one.id.into())),
            What::ShowDialler | What::ShowRecent | What::ShowPhonebook => self.show(what),
            What::ShowSettings => {
                if matches!(self.ui.sheet, Sheet::Settings) {
                    self.close("");
                } else {
                    self.ui.sheet = Sheet::Settings;
                    self.focus("#t-settings");
                }
            }
            What::PickTransfer => self.pick(Purpose::Blind, on),
            What::PickMember => self.pick(Purpose::Member, on),
            What::Blind | What::Ask => {
                let refused = self.ui.pick().map(|pick| {
                    let purpose = if what == What::Ask {
                        Purpose::Ask
                    } else {
                        Purpose::Blind
                    };
                    (purpose, picker::probe(purpose, &pick.call))
                });
                if let Some((purpose, Some(probe))) = refused {
                    match self.around.session.allowed(&probe) {
                        Ok(()) => {
                            self.ui.hint = None;
                            if let Some(pick) = self.ui.pick() {
                                pick.purpose = purpose;
                            }
                        }
                        Err(why) => self.refuse(why, "pick"),
                    }
                }
            }
            What::Choose => self.choose(on),
            What::Close => self.close(on),
            What::Keypad => {
                let closes = self.ui.keypad == on;
                self.ui.keypad = if closes { String::new() } else { on.to_owned() };
                if !closes && self.ui.digits.call != on {
                    self.ui.digits = Digits {
                        call: on.to_owned(),
                        ..Digits::default()
                    };
                }
            }
            What::Tags => {
                let closes = self.ui.tags == on;
                self.ui.tags = if closes { String::new() } else { on.to_owned() };
            }
            What::Details => {
                let closes = self.ui.details == on;
                self.ui.details = if closes { String::new() } else { on.to_owned() };
            }
            What::ShowHistory => {
                let closes = self.ui.past.number == on;
                self.ui.past = Past::default();
                if !closes {
                    self.ui.past.number = on.to_owned();
                    self.ui.past.state = Looking::AtWork;
                    self.todos.push(Todo::LastCalls(on.to_owned()));
                }
            }
            What::Hear => self.todos.push(Todo::Hear(on.to_owned())),
            What::Number => {
                value.clone_into(&mut self.ui.number);
                self.ui.hint = None;
            }
            What::Key => self.ui.number.push_str(value),
            What::Erase => drop(self.ui.number.pop()),
            What::CallAs => value.clone_into(&mut self.ui.call_as),
            What::Phone => self.ui.phone = Some(value.to_owned()),
            What::Search => {
                if let Some(pick) = self.ui.pick() {
                    value.clone_into(&mut pick.query);
                    pick.row = 0;
                    pick.state = Looking::AtWork;
                    self.todos.push(Todo::Targets(value.to_owned()));
                }
            }
            What::SearchPhonebook => {
                value.clone_into(&mut self.ui.query);
                self.ui.phonebook.restart();
                self.todos.push(Todo::Phonebook(1));
            }
            What::More => {
                if let Some(list) = self.ui.list() {
                    list.page += 1;
                }
                self.again();
            }
            What::Again => self.again(),
            _ => {
                if let Some(action) = command::action(what, on, value, view) {
                    self.send(action, place);
                }
            }
        }
    }

    fn send(&mut self, action: Action, place: &str) {
        match self.around.session.allowed(&action) {
            Ok(()) => {
                self.ui.hint = None;
                self.todos.push(Todo::Send(action));
            }
            Err(why) => self.refuse(why, place),
        }
    }

    fn refuse(&mut self, why: Refusal, place: &str) {
        // What is on its way shows that by itself.
        if why == Refusal::AlreadyAsked {
            return;
        }
        let why = self.around.texts.word("desk.refusal.", why.as_str());
        self.hint(why, place);
    }

    fn invalid(&mut self, place: &str) {
        let said = self
            .around
            .texts
            .of_code(Code::InvalidNumber.as_str(), None);
        self.hint(said.whole(), place);
    }

    fn hint(&mut self, why: String, place: &str) {
        self.todos.push(Todo::Say(why.clone()));
        self.ui.hint = Some(Hint {
            place: place.to_owned(),
            why,
        });
    }

    fn focus(&mut self, selector: &str) {
        self.todos.push(Todo::Focus(selector.to_owned()));
    }

    fn dial(&mut self, number: &str, place: &str) {
        let Ok(request) = dial::request(self.ui, self.around.outside, number) else {
            return self.invalid(place);
        };
        let request = Box::new(request);
        match self
            .around
            .session
            .allowed(&Action::PlaceCall(request.clone()))
        {
            Ok(()) => {
                self.ui.dials(&request);
                self.todos.push(Todo::Dial(request));
            }
            Err(why) => self.refuse(why, place),
        }
    }

    fn digit(&mut self, call: &str, digit: &str) {
        let Some(action) = command::action(What::Digit, call, digit, self.around.session.view())
        else {
            return;
        };
        if let Err(why) = self.around.session.allowed(&action) {
            return self.refuse(why, call);
        }
        self.ui.hint = None;
        if self.ui.digits.call != call {
            self.ui.digits = Digits {
                call: call.to_owned(),
                ..Digits::default()
            };
        }
        self.ui.digits.waiting.push_str(digit);
        let next = next_digits(self.ui, self.around.session);
        self.todos.extend(next.map(Todo::Send));
    }

    fn show(&mut self, what: What) {
        self.ui.hint = None;
        self.ui.sheet = Sheet::Closed;
        self.ui.tab = match what {
            What::ShowRecent => Tab::Recent,
            What::ShowPhonebook => Tab::Phonebook,
            _ => Tab::Dialler,
        };
        match self.ui.tab {
            // Calls have come since it was read last.
            Tab::Recent => {
                self.ui.recent.restart();
                self.todos.push(Todo::Recent(1));
            }
            Tab::Phonebook if self.ui.phonebook.state == Looking::Never => {
                self.ui.phonebook.restart();
                self.todos.push(Todo::Phonebook(1));
            }
            Tab::Phonebook | Tab::Dialler => {}
        }
    }

    fn pick(&mut self, purpose: Purpose, call: &str) {
        let open = self.ui.pick().is_some_and(|pick| {
            pick.call == call && (pick.purpose == Purpose::Member) == (purpose == Purpose::Member)
        });
        if open {
            return self.close("");
        }
        let probe = picker::probe(purpose, call);
        let verdict = probe.map_or(Ok(()), |probe| self.around.session.allowed(&probe));
        if let Err(why) = verdict {
            return self.refuse(why, call);
        }
        self.ui.hint = None;
        self.ui.sheet = Sheet::Pick(Box::new(Pick {
            call: call.to_owned(),
            purpose,
            query: String::new(),
            found: Vec::new(),
            state: Looking::AtWork,
            row: 0,
        }));
        self.todos.push(Todo::Targets(String::new()));
        self.focus("#search");
    }

    fn choose(&mut self, row: &str) {
        let Some(pick) = self.ui.pick() else { return };
        let options = picker::options(pick);
        let found = row.parse().ok().and_then(|row: usize| options.get(row));
        let Some(found) = found else { return };
        let Some(action) = picker::action(pick, found) else {
            return self.refuse(Refusal::NoApplications, "pick");
        };
        if let Err(why) = self.around.session.allowed(&action) {
            return self.refuse(why, "pick");
        }
        self.close("");
        self.send(action, "");
    }

    /// Closes what is open at a call, or else the sheet; the focus goes back to what opened it.
    fn close(&mut self, call: &str) {
        self.ui.hint = None;
        let opener = if !call.is_empty() && self.ui.keypad == call {
            self.ui.keypad = String::new();
            Act::write(What::Keypad, call)
        } else if !call.is_empty() && self.ui.tags == call {
            self.ui.tags = String::new();
            Act::write(What::Tags, call)
        } else {
            match std::mem::take(&mut self.ui.sheet) {
                Sheet::Closed => return,
                Sheet::Settings => {
                    self.ui.phone = None;
                    Act::write(What::ShowSettings, "")
                }
                Sheet::Pick(pick) => {
                    let what = if pick.purpose == Purpose::Member {
                        What::PickMember
                    } else {
                        What::PickTransfer
                    };
                    Act::write(what, &pick.call)
                }
            }
        };
        self.focus(&having("data-act", &opener));
    }

    fn again(&mut self) {
        if let Some(pick) = self.ui.pick() {
            pick.state = Looking::AtWork;
            let query = pick.query.clone();
            return self.todos.push(Todo::Targets(query));
        }
        let tab = self.ui.tab;
        if let Some(List { page, state, .. }) = self.ui.list() {
            *state = Looking::AtWork;
            let page = *page;
            self.todos.push(match tab {
                Tab::Recent => Todo::Recent(page),
                Tab::Phonebook | Tab::Dialler => Todo::Phonebook(page),
            });
        }
    }
}

/// Where it is said why something is not done.
fn place(what: What, on: &str) -> &str {
    match what {
        What::HoldMember
        | What::UnholdMember
        | What::MuteMember
        | What::UnmuteMember
        | What::Kick
        | What::HandOver
        | What::Leave
        | What::End => "conference",
        What::StartConference => "pick",
        What::Extend | What::Finish => "notes",
        What::Dial | What::DialTo | What::SetNumber => what.word(),
        _ => on,
    }
}
