//! What a person has open, typed and chosen, and what they were told: everything that is not the platform's.

use patchcord_core::call::CallRequest;
use patchcord_core::desk::lookup::Found;
use patchcord_core::desk::view::View;

use crate::spoken::Saying;
use crate::texts::Said;

/// The state of the interface.
#[derive(Debug, Clone, Default)]
pub struct Ui {
    /// What is shown below the calls.
    pub tab: Tab,
    /// What is shown instead of it.
    pub sheet: Sheet,
    /// What is typed into the dialler.
    pub number: String,
    /// The number that was dialled last with an extension, and that: it is not transmitted.
    pub extension: Option<(String, String)>,
    /// The number to show for the next call; empty for the one that is set.
    pub call_as: String,
    /// What is typed as the number of the agent's phone, once it was touched.
    pub phone: Option<String>,
    /// The call whose keypad is open; empty for none.
    pub keypad: String,
    /// The call whose tags are open; empty for none.
    pub tags: String,
    /// What is shown with everything that travels: a call's id, or `dial` for the next one.
    pub details: String,
    /// The digits of the open keypad.
    pub digits: Digits,
    /// The last calls with a contact.
    pub past: Past,
    /// Calls of the past.
    pub recent: List,
    /// The phonebook.
    pub phonebook: List,
    /// What is looked for in it.
    pub query: String,
    /// Why what was just wanted is not done.
    pub hint: Option<Hint>,
    /// What the platform told that is about nothing on the page; the oldest first.
    pub notices: Vec<Notice>,
    /// Counts notices.
    pub last_notice: u32,
    /// By how many milliseconds the platform's clock is ahead of this one, as far as calls have shown.
    pub ahead: u64,
    /// Since when the view is not current, in milliseconds since the epoch.
    pub stale_since: Option<u64>,
    /// The most seconds that the time for notes at hand has had.
    pub notes_total: u32,
    /// The cards that were shown last, and since when they stand where they do, in milliseconds since the epoch.
    pub cards: (String, u64),
    /// What is being said to those who do not see the panel.
    pub saying: Saying,
}

/// What is shown below the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The dialler.
    #[default]
    Dialler,
    /// Calls of the past.
    Recent,
    /// The phonebook.
    Phonebook,
}

/// What is open instead of a tab.
#[derive(Debug, Clone, Default)]
pub enum Sheet {
    /// Nothing.
    #[default]
    Closed,
    /// The settings.
    Settings,
    /// The picker.
    Pick(Box<Pick>),
}

/// Looking for somebody.
#[derive(Debug, Clone)]
pub struct Pick {
    /// For which call.
    pub call: String,
    /// For what.
    pub purpose: Purpose,
    /// What is typed.
    pub query: String,
    /// What was found for it.
    pub found: Vec<Found>,
    /// How looking goes.
    pub state: Looking,
    /// The row that Enter takes.
    pub row: usize,
}

/// What somebody is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Handing the call over without asking first.
    Blind,
    /// Handing it over after asking.
    Ask,
    /// Having them in the conference.
    Member,
}

/// How looking something up goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Looking {
    /// Nobody has looked yet.
    #[default]
    Never,
    /// It is on its way.
    AtWork,
    /// It did not work.
    Failed(Said),
    /// There is more.
    More,
    /// That is all.
    All,
}

/// A list that is read page by page.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// What has come.
    pub rows: Vec<Row>,
    /// The page that was asked for last, from 1.
    pub page: u32,
    /// How looking goes.
    pub state: Looking,
    /// The row that can be reached with the tabulator.
    pub row: usize,
}

/// The last calls with a contact.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// The contact's number; empty where nothing is shown.
    pub number: String,
    /// What has come, the newest first.
    pub rows: Vec<PastRow>,
    /// How looking goes.
    pub state: Looking,
}

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastRow {
    /// When, in words.
    pub when: String,
    /// What else there is to know, in words.
    pub note: String,
    /// Which way it went.
    pub way: Way,
    /// Its recording; empty for none, or where the agent may hear none.
    pub recording: String,
    /// Where that can be heard, once it was asked for.
    pub link: String,
}

/// Somebody who can be dialled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What to call them: a name, or the number.
    pub label: String,
    /// Their number; empty where it is not known.
    pub number: String,
    /// What else there is to know, in words.
    pub note: String,
    /// Which way the call went.
    pub way: Way,
}

/// Which way a call of the past went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Way {
    /// It is no call, or nobody knows.
    #[default]
    None,
    /// The other party began.
    In,
    /// The agent began.
    Out,
}

/// The digits played into one call.
#[derive(Debug, Clone, Default)]
pub struct Digits {
    /// Which call.
    pub call: String,
    /// What was handed over to be sent.
    pub sent: String,
    /// What waits until that was taken: the platform is told one after the other, so that they keep their order.
    pub waiting: String,
    /// The newest command whose digits may be lost.
    pub lost: u32,
}

/// Why something is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Where it was wanted: a call's id, or the word of what was wanted.
    pub place: String,
    /// Why not, in words.
    pub why: String,
}

/// What the platform told, that is about nothing on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its number.
    pub id: u32,
    /// The call that it is about; empty for none.
    pub call: String,
    /// Whether something went wrong.
    pub tone: Tone,
    /// In words.
    pub said: Said,
}

/// How a notice looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// To be known.
    Plain,
    /// Something went wrong.
    Bad,
    /// Nobody knows whether it was done.
    Doubt,
}

impl List {
    /// Asks anew: what is shown stays until the answer is there.
    pub fn restart(&mut self) {
        self.page = 1;
        self.state = Looking::AtWork;
        self.row = 0;
    }

    /// Takes in a page; `size` is how many were asked for.
    pub fn take(&mut self, page: u32, rows: Vec<Row>, size: usize) {
        if page != self.page {
            return;
        }
        if page <= 1 {
            self.rows.clear();
        }
        self.state = if rows.len() < size {
            Looking::All
        } else {
            Looking::More
        };
        self.rows.extend(rows);
    }
}

impl Ui {
    /// Somebody is called: whatever was in the way is not any more.
    pub fn dials(&mut self, request: &CallRequest) {
        self.hint = None;
        self.extension = request.extension.as_ref().map(|extension| {
            let number = request.number.as_e164().to_owned();
            (number, extension.as_str().to_owned())
        });
    }

    /// Puts up a notice; the same one is not put up twice.
    pub fn notice(&mut self, call: &str, tone: Tone, said: Said) {
        if self
            .notices
            .iter()
            .any(|one| one.said == said && one.call == call)
        {
            return;
        }
        self.last_notice += 1;
        // The oldest go: whoever has not read fifty will not.
        if self.notices.len() >= 50 {
            self.notices.remove(0);
        }
        self.notices.push(Notice {
            id: self.last_notice,
            call: call.to_owned(),
            tone,
            said,
        });
    }

    /// The open picker.
    pub fn pick(&mut self) -> Option<&mut Pick> {
        match &mut self.sheet {
            Sheet::Pick(pick) => Some(pick),
            Sheet::Closed | Sheet::Settings => None,
        }
    }

    /// Closes the picker whose call is over: there is nobody to be handed over.
    pub fn let_go(&mut self, view: &View) {
        let is_live = |id: &str| view.live_calls().any(|call| call.id == id);
        if self.pick().is_some_and(|pick| !is_live(&pick.call)) {
            self.sheet = Sheet::Closed;
        }
    }

    /// The list of the tab that is shown.
    pub fn list(&mut self) -> Option<&mut List> {
        match self.tab {
            Tab::Recent => Some(&mut self.recent),
            Tab::Phonebook => Some(&mut self.phonebook),
            Tab::Dialler => None,
        }
    }
}
