//! The panel on a page: the module's exports, and everything that touches the browser.

use std::cell::{Cell, RefCell};
use std::panic;
use std::rc::{Rc, Weak};

use any_spawner::Executor;
use js_sys::Object;
use leptos::prelude::*;
use leptos::reactive::effect::RenderEffect;
use leptos::tachys::view::{Mountable, Render};
use patchcord::desk::{Desk, News, SigningIn as Signing};
use patchcord::failure::Failure;
use patchcord::{js, random, time};
use patchcord_core::call::CallRequest;
use patchcord_core::desk::action::{Action, Kind};
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::lookup::PastCall;
use patchcord_core::desk::session::Session;
use patchcord_core::desk::set_up::Progress;
use patchcord_core::desk::view::{Contact, Direction};
use patchcord_core::error::Error;
use patchcord_core::payload::Payload;
use patchcord_core::record::Record;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::act::{Act, What};
use crate::dom::Shown;
use crate::keys::{self, Press};
use crate::notice;
use crate::panel::{cards, panel, ticks_at};
use crate::scene::{Offer, Outside, Scene, SigningIn};
use crate::spoken::Heard;
use crate::texts::{Said, Texts, digits, duration};
use crate::told::{Detail, Event, Told};
use crate::ui::{List, Looking, Row, Tone, Ui, Way};
use crate::update::{Around, Todo, next_digits, update};

/// How many rows are asked for at once; the sdk's.
const PAGE: usize = 25;
/// Looking something up begins when nothing was typed for so many milliseconds.
const TYPING_MS: u64 = 200;
/// A page that is hidden draws nothing; what is to be said is said after so many milliseconds all the same.
const HIDDEN_MS: u64 = 150;
/// A click so many milliseconds after cards came or went was meant for what stood there before.
const MOVED_MS: u64 = 350;
/// The events of the root that are listened to.
const EVENTS: [&str; 5] = ["click", "input", "change", "submit", "keydown"];

/// A mounted panel. Freeing it unmounts it.
#[wasm_bindgen(skip_typescript)]
pub struct MountedPanel {
    panel: Rc<Panel>,
    effect: RenderEffect<Shown>,
    _listener: Closure<dyn FnMut(JsValue)>,
    owner: Owner,
}

struct Panel {
    /// The plain object that the loader hands over; the contract describes it.
    host: JsValue,
    /// Inside the shadow root.
    root: JsValue,
    texts: Texts,
    lang: JsValue,
    desk: Desk,
    ui: RefCell<Ui>,
    outside: RefCell<Outside>,
    heard: RefCell<Heard>,
    told: RefCell<Told>,
    /// What the page was told of calls that were placed here, by their ids.
    details: RefCell<Vec<(String, Object)>>,
    news: RefCell<Vec<News>>,
    /// Where the focus is to go with the next drawing.
    focus: Cell<Option<String>>,
    drawn: ArcRwSignal<u32>,
    waits_for_frame: Cell<bool>,
    /// When it is drawn again by itself.
    timer: Cell<u64>,
    /// Counts what was typed to look something up.
    typed: Cell<u32>,
    me: Weak<Panel>,
}

/// Renders the panel into `root`.
#[wasm_bindgen(js_name = mountPanel, skip_typescript)]
pub fn mount_panel(root: HtmlElement, host: JsValue) -> MountedPanel {
    // Said already by the panel before: that is no mistake.
    let _ = Executor::init_wasm_bindgen();
    let owner = Owner::new();
    owner.with(|| {
        let root: JsValue = root.into();
        let panel = Panel::new(root.clone(), host);
        let drawn = panel.clone();
        let effect = RenderEffect::new(move |before: Option<Shown>| {
            drawn.drawn.track();
            drawn.draw(before)
        });
        let told = Rc::downgrade(&panel);
        let listener = Closure::new(move |event: JsValue| {
            if let Some(panel) = told.upgrade() {
                panel.on_event(&event);
            }
        });
        for event in EVENTS {
            // The root is an element: it can be listened to. It goes, and its listeners with it.
            let _ = js::invoke(
                &root,
                "addEventListener",
                &[event.into(), listener.as_ref().clone()],
            );
        }
        panel.emit("patchcordready", &Object::new());
        MountedPanel {
            panel,
            effect,
            _listener: listener,
            owner: owner.clone(),
        }
    })
}

#[wasm_bindgen]
impl MountedPanel {
    /// The host's options changed: reads them again.
    #[wasm_bindgen(skip_typescript)]
    pub fn update(&self) {
        self.panel.read_options();
        self.panel.want();
    }
}

impl Drop for MountedPanel {
    fn drop(&mut self) {
        self.panel.desk.close();
        if let Some(mut shown) = self.effect.take_value() {
            shown.unmount();
        }
        self.owner.cleanup();
    }
}

thread_local! {
    static MOURNER: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}

/// Calls `callback` once, with a text, if the module dies. The text says where, never with what data.
#[wasm_bindgen(js_name = onPanic, skip_typescript)]
pub fn on_panic(callback: JsValue) {
    MOURNER.set(callback);
    panic::set_hook(Box::new(|info| {
        let place = info.location();
        let place = place.map(|at| [at.file(), ":", &digits(at.line().into())].concat());
        let text = ["The module stopped at ", &place.unwrap_or_default(), "."].concat();
        // Nobody is left to tell if this fails too.
        let _ = js::call(&MOURNER.take(), &JsValue::UNDEFINED, &[text.into()]);
    }));
}

impl Panel {
    fn new(root: JsValue, host: JsValue) -> Rc<Self> {
        let texts = js::entries(&js::get(&host, "texts"));
        let texts = texts
            .into_iter()
            .filter_map(|(key, text)| Some((key, text.as_string()?)));
        let texts = Texts::new(texts.collect());
        // A host that throws here has no options; the loader's does not.
        let options = js::invoke(&host, "options", &[]).unwrap_or_default();
        let panel = Rc::new_cyclic(|me: &Weak<Self>| {
            let told = me.clone();
            let desk = Desk::open(
                &options,
                Box::new(move |news| {
                    if let Some(panel) = told.upgrade() {
                        panel.hear(news);
                    }
                }),
            );
            Self {
                host,
                root,
                texts,
                lang: js::get(&options, "lang"),
                desk,
                ui: RefCell::default(),
                outside: RefCell::default(),
                heard: RefCell::default(),
                told: RefCell::default(),
                details: RefCell::default(),
                news: RefCell::default(),
                focus: Cell::default(),
                drawn: ArcRwSignal::new(0),
                waits_for_frame: Cell::new(false),
                timer: Cell::new(u64::MAX),
                typed: Cell::new(0),
                me: me.clone(),
            }
        });
        panel.read_options();
        panel
    }

    // What comes from outside.

    fn hear(&self, news: News) {
        self.news.borrow_mut().push(news);
        self.tell_page();
        self.want();
    }

    fn read_options(&self) {
        let options = js::invoke(&self.host, "options", &[]).unwrap_or_default();
        let offer = read_offer(&options).unwrap_or_else(|error| {
            self.complain(&error);
            Offer::default()
        });
        let mut outside = self.outside.borrow_mut();
        if outside.offer.number != offer.number {
            self.ui.borrow_mut().number.clone_from(&offer.number);
        }
        outside.offer = offer;
    }

    /// Takes in the news that came since the last drawing, and what else is to be known.
    fn catch_up(&self) {
        let news = self.news.take();
        let mut ui = self.ui.borrow_mut();
        let mut outside = self.outside.borrow_mut();
        outside.may_sign_out = self.desk.may_sign_out();
        outside.follows = self.desk.is_follower();
        outside.failure = self.desk.failure().map(|failure| self.said(&failure));
        outside.signing_in = match self.desk.signing_in() {
            Signing::Idle => SigningIn::Idle,
            Signing::Waiting => SigningIn::Waiting,
            Signing::Failed(failure) => SigningIn::Failed(self.said(&failure)),
        };
        self.desk.session(|session| {
            let view = session.view();
            outside.abouts = view
                .calls
                .iter()
                .filter_map(|call| Some((call.id.clone(), self.desk.about(&call.id)?)))
                .collect();
            for news in news {
                self.take_in(&mut ui, session, news);
            }
            for at in view.calls.iter().filter_map(|call| call.connected_at) {
                ui.ahead = ui.ahead.max(at.saturating_sub(time::now()));
            }
            ui.stale_since = match (session.standing(), ui.stale_since) {
                (Standing::Stale, None) => Some(time::now()),
                (Standing::Stale, since) => since,
                _ => None,
            };
            ui.notes_total = match session.wrap_up_left(time::now()) {
                Some(left) => ui.notes_total.max(left),
                None => 0,
            };
        });
    }

    fn take_in(&self, ui: &mut Ui, session: &Session, news: News) {
        match news {
            // What became of a command is shown with the command.
            News::Changed | News::Fault { id: Some(_), .. } => {}
            News::Fault { id: None, fault } => {
                // Setting up shows it already.
                let shown = matches!(session.set_up(), Progress::Failed(because)
                    if because.message.as_ref() == Some(&fault.message));
                if !shown {
                    let said = notice::of_fault(&self.texts, &fault);
                    ui.notice(&fault.call.unwrap_or_default(), Tone::Bad, said);
                }
            }
            News::Notification(told) => {
                let said = Said {
                    headline: told.title.to_string(),
                    advice: told.body.to_string(),
                };
                ui.notice("", Tone::Plain, said);
            }
        }
    }

    fn said(&self, failure: &Failure) -> Said {
        let message = failure.message();
        self.texts.of_code(&failure.code(), message.as_deref())
    }

    // Drawing.

    /// Has the panel drawn with the next frame, however often it is asked.
    fn want(&self) {
        if self.waits_for_frame.replace(true) {
            return;
        }
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        js::spawn(async move {
            let frame = js_sys::Promise::new(&mut |resolve, _| {
                // Where there are no frames, time passes.
                let _ = js::invoke(&js::global(), "requestAnimationFrame", &[resolve.into()]);
            });
            // A wait does not fail.
            let _ = time::within(Ok(frame.into()), HIDDEN_MS).await;
            panel.waits_for_frame.set(false);
            panel.drawn.update(|count| *count = count.wrapping_add(1));
        });
    }

    fn draw(&self, before: Option<Shown>) -> Shown {
        self.catch_up();
        let digits = self.desk.session(|session| {
            let mut ui = self.ui.borrow_mut();
            next_digits(&mut ui, session)
        });
        let (node, ticks) = self.desk.session(|session| {
            let spoken = self.with_scene(session, |scene| self.heard.borrow_mut().listen(scene));
            let cards = self.with_scene(session, cards);
            let mut ui = self.ui.borrow_mut();
            if ui.cards.0 != cards {
                ui.cards = (cards, time::now());
            }
            say(&mut ui.polite, spoken.polite);
            say(&mut ui.assertive, spoken.assertive);
            drop(ui);
            self.with_scene(session, |scene| (panel(scene), ticks_at(scene)))
        });
        let focused = self.focused();
        let shown = match before {
            None => {
                let mut shown = node.build();
                shown.mount(self.root.unchecked_ref(), None);
                shown
            }
            Some(mut shown) => {
                node.rebuild(&mut shown);
                shown
            }
        };
        self.keep_focus(focused);
        self.wake(ticks);
        if let Some(action) = digits {
            self.send(action);
        }
        shown
    }

    fn with_scene<T>(&self, session: &Session, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        look(&Scene {
            session,
            texts: &self.texts,
            ui: &self.ui.borrow(),
            outside: &self.outside.borrow(),
            now: time::now(),
            clock: &|at| self.clock(at),
        })
    }

    /// Draws again at a time, or earlier.
    fn wake(&self, at: Option<u64>) {
        let at = at.unwrap_or(u64::MAX);
        let (Some(panel), true) = (self.me.upgrade(), at < self.timer.get()) else {
            return;
        };
        self.timer.set(at);
        js::spawn(async move {
            time::sleep(at.saturating_sub(time::now())).await;
            if panel.timer.get() == at {
                panel.timer.set(u64::MAX);
                panel.want();
            }
        });
    }

    // The focus.

    /// What has the focus in the panel, and everything around it that can take it over.
    fn focused(&self) -> Option<(JsValue, Vec<JsValue>)> {
        let tree = js::invoke(&self.root, "getRootNode", &[]).ok()?;
        let active = js::get(&tree, "activeElement");
        let inside = js::invoke(&self.root, "contains", std::slice::from_ref(&active));
        if !active.is_truthy() || !inside.unwrap_or_default().is_truthy() {
            return None;
        }
        let mut homes = Vec::new();
        let mut at = closest(&js::get(&active, "parentElement"), "[data-home]");
        while at.is_object() {
            homes.push(at.clone());
            at = closest(&js::get(&at, "parentElement"), "[data-home]");
        }
        Some((active, homes))
    }

    /// Puts the focus where it was asked for; or back, where drawing took it away.
    fn keep_focus(&self, before: Option<(JsValue, Vec<JsValue>)>) {
        if let Some(selector) = self.focus.take() {
            let found = js::invoke(&self.root, "querySelector", &[selector.into()]);
            return focus(&found.unwrap_or_default(), false);
        }
        let Some((active, homes)) = before else {
            return;
        };
        if js::get(&active, "isConnected").is_truthy() {
            if self.focused().is_none_or(|(now, _)| now != active) {
                focus(&active, true);
            }
            return;
        }
        let left = homes
            .iter()
            .find(|home| js::get(home, "isConnected").is_truthy());
        if let Some(home) = left {
            let heads = "h2[tabindex],[role=tab][tabindex='0'],[data-focus]";
            let found = js::invoke(home, "querySelector", &[heads.into()]);
            focus(&found.unwrap_or_default(), true);
        }
    }

    // What a person does.

    fn on_event(&self, event: &JsValue) {
        let target = js::get(event, "target");
        let kind = js::text(event, "type").unwrap_or_default();
        if kind == "keydown" {
            return self.on_key(event, &target);
        }
        let control = closest(&target, "[data-act]");
        let Some(act) = read_act(&control) else {
            return;
        };
        let tag = js::text(&control, "localName").unwrap_or_default();
        let fits = match &*kind {
            "click" => !matches!(&*tag, "input" | "select" | "form"),
            "submit" => {
                let _ = js::invoke(event, "preventDefault", &[]);
                tag == "form"
            }
            "input" => tag == "input",
            _ => tag == "select",
        };
        // Which of several clicks it is; none of a pointer for 0.
        let clicks = js::get(event, "detail").as_f64().unwrap_or_default();
        // The second click of a double one would hit what the first has put in its place …
        let again = clicks > 1.0 && !matches!(act.what, What::Digit | What::Key | What::Erase);
        // … and one that was meant for something else what a call has just pushed there.
        let moved = kind == "click"
            && clicks > 0.0
            && time::now().saturating_sub(self.ui.borrow().cards.1) < MOVED_MS;
        if fits && !again && !moved {
            let value = js::text(&control, "value").unwrap_or_default();
            self.act(&act, &value);
        }
    }

    fn on_key(&self, event: &JsValue, target: &JsValue) {
        let modified = ["ctrlKey", "altKey", "metaKey", "isComposing"];
        if modified.iter().any(|key| js::get(event, key).is_truthy()) {
            return;
        }
        let key = js::text(event, "key").unwrap_or_default();
        let tag = js::text(target, "localName").unwrap_or_default();
        let card = closest(target, "[data-call]");
        let place = keys::Place {
            act: read_act(&closest(target, "[data-act]")),
            call: js::text(&js::get(&card, "dataset"), "call").unwrap_or_default(),
            types: matches!(&*tag, "input" | "select"),
            rows: closest(target, "[data-rove]").is_object(),
        };
        let press = self
            .desk
            .session(|session| self.with_scene(session, |scene| keys::press(scene, &key, &place)));
        let repeats = js::get(event, "repeat").is_truthy();
        // A held key clicks again and again: only its first press counts.
        if press.is_some() || (repeats && tag == "button" && key == "Enter") {
            let _ = js::invoke(event, "preventDefault", &[]);
        }
        match press {
            Some(Press::Do(act, value)) if !repeats => {
                self.act(&act, &value);
                // The focus goes along the tabs.
                if act.on.is_empty() && closest(target, "[role=tablist]").is_object() {
                    let tab = ["#tab-", act.what.word()].concat();
                    self.focus.set(Some(tab));
                }
            }
            Some(Press::Row(row)) => {
                let mut ui = self.ui.borrow_mut();
                if let Some(pick) = ui.pick() {
                    pick.row = row;
                } else if let Some(list) = ui.list() {
                    list.row = row;
                    self.focus.set(Some(["#r-", &digits(row as u64)].concat()));
                }
                drop(ui);
                self.want();
            }
            Some(Press::Do(..)) | None => {}
        }
    }

    fn act(&self, act: &Act, value: &str) {
        let todos = self.desk.session(|session| {
            let around = Around {
                session,
                outside: &self.outside.borrow(),
                texts: &self.texts,
            };
            update(&mut self.ui.borrow_mut(), around, act, value)
        });
        for todo in todos {
            self.carry_out(todo);
        }
        // Also where nothing follows: a choice that was refused goes back to what is so.
        self.want();
    }

    fn carry_out(&self, todo: Todo) {
        match todo {
            Todo::Send(action) => self.send(action),
            Todo::Dial(request) => self.dial(*request),
            Todo::Start => self.desk.start(),
            Todo::SetUp => self.desk.set_up(),
            Todo::Dismiss(id) => self.desk.dismiss(id),
            Todo::SignIn => self.desk.sign_in(),
            Todo::CancelSignIn => self.desk.cancel_sign_in(),
            Todo::SignOut => self.desk.sign_out(),
            Todo::Targets(query) => self.look_for(query),
            Todo::Recent(page) => self.recent(page),
            Todo::Phonebook(page) => self.phonebook(page),
            Todo::Focus(selector) => self.focus.set(Some(selector)),
            Todo::Say(text) => say(&mut self.ui.borrow_mut().polite, text),
        }
    }

    fn send(&self, action: Action) {
        if let Err(why) = self.desk.act(action) {
            // It was allowed a moment ago: the button shows by now why it is not.
            let why = self.texts.word("desk.refusal.", why.as_str());
            say(&mut self.ui.borrow_mut().polite, why);
        }
    }

    fn dial(&self, request: CallRequest) {
        let id = random::key();
        let number = request.number.as_e164().to_owned();
        let detail = Object::new();
        js::set_text(&detail, "id", Some(&id));
        js::set_text(&detail, "number", Some(&number));
        let options = js::invoke(&self.host, "options", &[]).unwrap_or_default();
        js::set(&detail, "provider", &js::get(&options, "provider"));
        if request.record.is_some() {
            js::set(&detail, "record", &js::get(&options, "record"));
        }
        if !request.payload.is_empty() {
            let payload = js::parse_object(&request.payload.as_json().into());
            js::set(&detail, "payload", &payload.unwrap_or_default());
        }
        if !self.emit("callrequested", &detail) {
            return;
        }
        let mut details = self.details.borrow_mut();
        // The newest are enough: a call is over some time.
        if details.len() >= 16 {
            details.remove(0);
        }
        details.push((id.clone(), detail));
        drop(details);
        self.send(Action::PlaceCall(Box::new(request)));
        let asked = self.desk.session(|session| {
            let dials = session
                .asked()
                .filter(|asked| asked.action.kind() == Kind::PlaceCall);
            dials.last().map(|asked| asked.id)
        });
        if let Some(asked) = asked {
            self.told.borrow_mut().placed(id, asked, number);
            self.tell_page();
        }
    }

    // What is looked up.

    /// Runs `then` once nothing was typed for a moment.
    fn once_typed(&self, query: &str, then: impl FnOnce(Rc<Self>) + 'static) {
        let turn = self.typed.get().wrapping_add(1);
        self.typed.set(turn);
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        let pause = if query.is_empty() { 0 } else { TYPING_MS };
        js::spawn(async move {
            time::sleep(pause).await;
            if panel.typed.get() == turn {
                then(panel);
            }
        });
    }

    fn look_for(&self, query: String) {
        self.once_typed(&query.clone(), move |panel| {
            let told = panel.clone();
            let desk = panel.desk.clone();
            desk.targets(
                query.clone(),
                Box::new(move |found| {
                    let failure = found.as_ref().err().map(|failure| told.said(failure));
                    if let Some(pick) = told.ui.borrow_mut().pick()
                        && pick.query == query
                    {
                        pick.state = failure.map_or(Looking::All, Looking::Failed);
                        pick.found = found.unwrap_or_default();
                    }
                    told.want();
                }),
            );
        });
    }

    fn recent(&self, page: u32) {
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        self.desk.history(
            page,
            Box::new(move |got| {
                let rows = got.map(|calls| {
                    let rows = calls.iter().map(|call| panel.past(call));
                    rows.collect()
                });
                panel.take_rows(page, rows, |ui| &mut ui.recent);
            }),
        );
    }

    fn phonebook(&self, page: u32) {
        let query = self.ui.borrow().query.clone();
        self.once_typed(&query.clone(), move |panel| {
            let told = panel.clone();
            let desk = panel.desk.clone();
            desk.phonebook(
                query.clone(),
                page,
                Box::new(move |got| {
                    if told.ui.borrow().query == query {
                        let rows = got.map(|all| all.iter().map(contact).collect());
                        told.take_rows(page, rows, |ui| &mut ui.phonebook);
                    }
                }),
            );
        });
    }

    fn take_rows(
        &self,
        page: u32,
        rows: Result<Vec<Row>, Failure>,
        list: fn(&mut Ui) -> &mut List,
    ) {
        let mut ui = self.ui.borrow_mut();
        match rows {
            Ok(rows) => list(&mut ui).take(page, rows, PAGE),
            Err(failure) => list(&mut ui).state = Looking::Failed(self.said(&failure)),
        }
        drop(ui);
        self.want();
    }

    fn past(&self, call: &PastCall) -> Row {
        let (way, number) = match call.direction {
            Direction::Outbound => (Way::Out, &call.to),
            Direction::Inbound => (Way::In, &call.from),
            Direction::Other(_) => (Way::None, &call.from),
        };
        let number = number.to_string();
        let label = if call.contact.is_empty() {
            number.clone()
        } else {
            call.contact.to_string()
        };
        let mut note = self.clock(call.at);
        if call.duration > 0 {
            note = [&note, " · ", &duration(call.duration / 1_000)].concat();
        }
        Row {
            label,
            number,
            note,
            way,
        }
    }

    /// A time of day, with the date where it is another day.
    fn clock(&self, at: u64) -> String {
        #[allow(clippy::cast_precision_loss)] // This century's milliseconds are whole.
        let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
        let local = |date: &js_sys::Date, method: &str, style: &str| {
            let options = Object::new();
            js::set_text(&options, style, Some("short"));
            // A language that the browser does not know makes it throw: then its own.
            let said = js::invoke(date, method, &[self.lang.clone(), options.clone().into()])
                .or_else(|_| js::invoke(date, method, &[JsValue::UNDEFINED, options.into()]));
            said.unwrap_or_default().as_string().unwrap_or_default()
        };
        let time = local(&date, "toLocaleTimeString", "timeStyle");
        let day = local(&date, "toLocaleDateString", "dateStyle");
        if day == local(&js_sys::Date::new_0(), "toLocaleDateString", "dateStyle") {
            time
        } else {
            [&day, " ", &*time].concat()
        }
    }

    // What the page is told.

    fn tell_page(&self) {
        let events = self.desk.session(|session| {
            let mut told = self.told.borrow_mut();
            told.listen(session, time::now())
        });
        for event in events {
            self.tell(&event);
        }
    }

    fn tell(&self, event: &Event) {
        let detail = Object::new();
        let details = self.details.borrow();
        let placed = details.iter().find(|(id, _)| *id == event.id);
        if let Some((_, placed)) = placed {
            Object::assign(&detail, placed);
        } else {
            js::set_text(&detail, "id", Some(&event.id));
            js::set_text(&detail, "number", Some(&event.number));
            let options = js::invoke(&self.host, "options", &[]).unwrap_or_default();
            js::set(&detail, "provider", &js::get(&options, "provider"));
        }
        drop(details);
        let call = Some(&*event.call).filter(|call| !call.is_empty());
        js::set_text(&detail, "call", call);
        for (key, value) in &event.more {
            #[allow(clippy::cast_precision_loss)] // Seconds.
            let value = match value {
                Detail::Text(text) => text.into(),
                Detail::Flag(on) => (*on).into(),
                Detail::Number(number) => JsValue::from_f64(*number as f64),
            };
            js::set(&detail, key, &value);
        }
        self.emit(event.name, &detail);
    }

    fn complain(&self, error: &Error) {
        let detail = Object::new();
        js::set_text(&detail, "code", Some(error.code.as_str()));
        js::set_text(&detail, "field", error.field.as_deref());
        let said = self.texts.of_code(error.code.as_str(), None);
        js::set_text(&detail, "message", Some(&said.headline));
        self.emit("patchcorderror", &detail);
    }

    /// Dispatches an event; `false` if a listener prevented it.
    fn emit(&self, name: &str, detail: &Object) -> bool {
        js::invoke(&self.host, "emit", &[name.into(), detail.into()]) != Ok(JsValue::FALSE)
    }
}

/// Puts a text where it is read out. The same one twice is read out twice.
fn say(region: &mut String, text: String) {
    if text.is_empty() {
        return;
    }
    let again = *region == text;
    *region = text;
    if again {
        region.push('\u{a0}');
    }
}

fn contact(contact: &Contact) -> Row {
    Row {
        label: contact.label.to_string(),
        number: contact.number.to_string(),
        ..Row::default()
    }
}

/// What the page offers to dial.
fn read_offer(options: &JsValue) -> Result<Offer, Error> {
    let text = |object: &JsValue, key| js::text(object, key);
    let record = js::get(options, "record");
    let record = text(&record, "id").map(|id| Record {
        system: text(&record, "system").unwrap_or_default(),
        kind: text(&record, "type").unwrap_or_default(),
        id,
        name: text(&record, "name"),
        url: text(&record, "url"),
    });
    let payload = js::get(options, "payload");
    let payload = if js::is_object(&payload) {
        // Without JSON (a cycle) it is no payload: that is said as for any other text that is none.
        Payload::from_json(&js::stringify(&payload).unwrap_or_default())?
    } else {
        Payload::default()
    };
    let mut offer = Offer {
        number: text(options, "number").unwrap_or_default(),
        record,
        payload,
        about: None,
    };
    let about = patchcord::desk::About::of(&CallRequest {
        record: offer.record.clone(),
        payload: offer.payload.clone(),
        // About what is dialled, whoever is called.
        ..CallRequest::to("+10000000".parse()?)
    });
    offer.about = (!about.is_empty()).then_some(about);
    Ok(offer)
}

fn read_act(control: &JsValue) -> Option<Act> {
    Act::read(&js::text(&js::get(control, "dataset"), "act")?)
}

fn closest(node: &JsValue, selector: &str) -> JsValue {
    js::invoke(node, "closest", &[selector.into()]).unwrap_or_default()
}

/// Puts the focus there; nothing found, or nothing that takes it: it stays where it is.
fn focus(node: &JsValue, still: bool) {
    let options = Object::new();
    js::set(&options, "preventScroll", &still.into());
    let _ = js::invoke(node, "focus", &[options.into()]);
}
