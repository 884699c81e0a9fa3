//! A panel on a desk at work: the person, the page and the platform around it.

use patchcord_core::desk::action::Action;
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::Event;
use patchcord_core::outcome::Outcome;
use patchcord_panel::act::Act;
use patchcord_panel::keys::{Place, Press, press};
use patchcord_panel::node::Node;
use patchcord_panel::panel::panel;
use patchcord_panel::scene::{Outside, Scene};
use patchcord_panel::spoken::{Heard, Spoken};
use patchcord_panel::texts::Texts;
use patchcord_panel::ui::Ui;
use patchcord_panel::update::{Around, Todo, update};
use serde_json::{Value, json};

use crate::wire::{call, conference};
use crate::world::World;

/// Everything that a panel is drawn from.
pub struct Stage {
    pub world: World,
    pub ui: Ui,
    pub outside: Outside,
    pub heard: Heard,
    pub texts: Texts,
}

impl Stage {
    /// At a desk that is as `world` has it, in English.
    pub fn at(world: World) -> Self {
        Self {
            world,
            ui: Ui::default(),
            outside: Outside::default(),
            heard: Heard::default(),
            texts: texts("en"),
        }
    }

    /// At a desk without a call.
    pub fn idle() -> Self {
        Self::at(World::live())
    }

    /// With one call, changed as told.
    pub fn with_call(state: &str, changes: &Value) -> Self {
        let mut stage = Self::idle();
        stage.call("c1", state, changes);
        stage
    }

    /// With one call that has gone on for a while.
    pub fn connected() -> Self {
        // The platform's times are seconds.
        let at = World::live().now / 1_000 - 134;
        Self::with_call("BRIDGED", &json!({"establishedAt": at}))
    }

    /// In a conference.
    pub fn meeting(moderator: bool) -> Self {
        let mut stage = Self::connected();
        stage
            .world
            .patch(json!({"conferenceUpsert": conference(moderator)}));
        stage
    }

    /// The connection is lost.
    pub fn stale() -> Self {
        let mut stage = Self::connected();
        stage.lose();
        stage
    }

    pub fn lose(&mut self) {
        let stream = self.world.only_stream();
        self.world.broken(stream, Trouble::Lost);
        self.ui.stale_since = Some(self.world.now - 5_000);
    }

    /// A call is there, or changes.
    pub fn call(&mut self, id: &str, state: &str, changes: &Value) {
        let mut call = call(id, state);
        for (name, value) in changes.as_object().unwrap() {
            call[name] = value.clone();
        }
        self.world.patch(json!({"callUpsert": call}));
    }

    /// The agent changes.
    pub fn agent(&mut self, changes: &Value) {
        let mut agent = self.world.platform.view["agent"].clone();
        for (name, value) in changes.as_object().unwrap() {
            agent[name] = value.clone();
        }
        self.world.patch(json!({"agent": agent}));
    }

    pub fn scene<T>(&self, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        look(&Scene {
            session: &self.world.session,
            texts: &self.texts,
            ui: &self.ui,
            outside: &self.outside,
            now: self.world.now,
            clock: &|at| {
                let minutes = at / 60_000;
                format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60)
            },
            seconds: &|count| format!("{count} seconds"),
        })
    }

    pub fn node(&self) -> Node {
        self.scene(panel)
    }

    /// What is to be said.
    pub fn listen(&mut self) -> Spoken {
        let mut heard = std::mem::take(&mut self.heard);
        let spoken = self.scene(|scene| heard.listen(scene));
        self.heard = heard;
        spoken
    }

    /// A person uses a control that is there, and the desk does what follows from it.
    pub fn uses(&mut self, act: &str) -> Vec<Todo> {
        self.uses_with(act, "")
    }

    /// The same with what is typed or chosen.
    pub fn uses_with(&mut self, act: &str, value: &str) -> Vec<Todo> {
        let page = self.node();
        let there = page.find(&|parts| {
            let mut attributes = parts.attributes.iter();
            attributes.any(|(name, value)| {
                *name == "data-act" && *value == patchcord_panel::node::Value::Text(act.to_owned())
            })
        });
        assert!(
            !there.is_empty(),
            "no control does “{act}”:\n{}",
            page.to_html()
        );
        let act = Act::read(act).unwrap();
        self.does(&act, value)
    }

    pub fn does(&mut self, act: &Act, value: &str) -> Vec<Todo> {
        let around = Around {
            session: &self.world.session,
            outside: &self.outside,
            texts: &self.texts,
        };
        let todos = update(&mut self.ui, around, act, value);
        for todo in &todos {
            match todo {
                Todo::Send(action) => drop(self.world.act(action.clone()).unwrap()),
                Todo::Dial(request) => {
                    let action = Action::PlaceCall(request.clone());
                    self.world.act(action).unwrap();
                }
                Todo::Dismiss(id) => self.world.event(Event::Dismissed { id: *id }),
                _ => {}
            }
        }
        todos
    }

    /// A key is pressed.
    pub fn presses(&mut self, key: &str, place: &Place) -> Vec<Todo> {
        match self.scene(|scene| press(scene, key, place)) {
            Some(Press::Do(act, value)) => self.does(&act, &value),
            Some(Press::Row(row)) => {
                if let Some(pick) = self.ui.pick() {
                    pick.row = row;
                } else if let Some(list) = self.ui.list() {
                    list.row = row;
                }
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// What became of the oldest command.
    pub fn replied(&mut self, outcome: Outcome) {
        let (id, _) = self.world.sent.remove(0);
        self.world.replied(id, outcome);
    }

    pub fn fault(&mut self, code: &str, call: &str, message: &str) {
        let stream = self.world.live_stream();
        let fault = json!({"error": {"code": code, "message": message, "callId": call}});
        self.world.tell(stream, &fault);
    }
}

/// The texts as the loader merges them.
pub fn texts(lang: &str) -> Texts {
    let text = match lang {
        "de" => include_str!("../../../../web/texts/de.json"),
        _ => include_str!("../../../../web/texts/en.json"),
    };
    let sections: Value = serde_json::from_str(text).unwrap();
    let mut all = Vec::new();
    for section in ["elements", "panel"] {
        let texts = sections[section].as_object().unwrap();
        all.extend(
            texts
                .iter()
                .map(|(key, text)| (key.clone(), text.as_str().unwrap().to_owned())),
        );
    }
    Texts::new(all)
}

/// The control that does something, if it is there.
pub fn control<'a>(page: &'a Node, act: &str) -> Option<&'a Node> {
    page.find(&|parts| {
        parts.attributes.contains(&(
            "data-act",
            patchcord_panel::node::Value::Text(act.to_owned()),
        ))
    })
    .into_iter()
    .next()
}
