//! The panel on a page: the module's exports, and everything that touches the browser.

mod doing;
mod draw;
mod lookups;
mod page;
#[cfg(not(feature = "direct"))]
mod past;

use std::cell::{Cell, RefCell};
use std::panic;
use std::rc::{Rc, Weak};

use js_sys::Object;
use leptos::tachys::view::Mountable;
use patchcord::desk::{Desk, Held, News, SigningIn as Signing};
use patchcord::failure::Failure;
use patchcord::{js, time};
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::session::Session;
use patchcord_core::desk::set_up::Progress;
use patchcord_core::error::Code;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::act::{Act, What};
use crate::dom::Shown;
use crate::notice;
use crate::scene::{Offer, Outside, SigningIn};
use crate::spoken::{Heard, Spoken};
use crate::texts::{Said, Texts};
use crate::told::Told;
use crate::ui::{Tab, Tone, Ui};
use patchcord_core::text::digits;

/// The events of the root that are listened to.
const EVENTS: [&str; 5] = ["click", "input", "change", "submit", "keydown"];

/// A mounted panel. Freeing it unmounts it.
#[wasm_bindgen(skip_typescript)]
pub struct MountedPanel {
    panel: Rc<Panel>,
    _listener: Closure<dyn FnMut(JsValue)>,
}

struct Panel {
    /// The plain object that the loader hands over; the contract describes it.
    host: JsValue,
    /// Inside the shadow root.
    root: JsValue,
    texts: Texts,
    lang: JsValue,
    desk: Desk,
    ui: Held<Ui>,
    outside: Held<Outside>,
    heard: Held<Heard>,
    /// What is to be said with the next drawing.
    spoken: Held<Spoken>,
    told: Held<Told>,
    /// What the page was told of calls that were placed here, by their ids.
    details: Held<Vec<(String, Object)>>,
    news: Held<Vec<News>>,
    /// Where the focus is to go with the next drawing.
    focus: Cell<Option<String>>,
    /// What stands on the page. A view of Leptos', drawn by hand: its signals and effects are 7.4 kB of the download,
    /// and here one signal would drive one effect.
    shown: Held<Option<Shown>>,
    /// It was unmounted: whatever is still to come draws nothing.
    gone: Cell<bool>,
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
    let root: JsValue = root.into();
    let panel = Panel::new(root.clone(), host);
    panel.draw();
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
        _listener: listener,
    }
}

#[wasm_bindgen]
impl MountedPanel {
    /// The host's options changed: reads them again.
    #[wasm_bindgen(skip_typescript)]
    pub fn update(&self) {
        self.panel.read_options();
        self.panel.want();
    }

    /// Does what a control of the panel does: `act` is an [`Act`](crate::act::Act)'s text, as `hold c1`, `value` what
    /// stands in such a control. `dial` dials what the page offers; the page knows that call by `id`. What is in the
    /// way, in words; then nothing was done.
    #[wasm_bindgen(skip_typescript)]
    pub fn act(&self, act: &JsValue, value: &JsValue, id: &JsValue) -> JsValue {
        let panel = &self.panel;
        panel.read_options();
        let text = |value: &JsValue| value.as_string().unwrap_or_default();
        let Some(act) = Act::read(&text(act)) else {
            return JsValue::NULL;
        };
        let mut ui = panel.ui.borrow_mut();
        ui.hint = None;
        if act.what == What::Dial {
            // Also where another number was typed since the page offered this one.
            ui.number.clone_from(&panel.outside.borrow().offer.number);
            ui.tab = Tab::Dialler;
        }
        drop(ui);
        if panel.act(&act, &text(value), &text(id)) {
            return JsValue::UNDEFINED;
        }
        let hint = &panel.ui.borrow().hint;
        hint.as_ref()
            .map_or(JsValue::NULL, |hint| JsValue::from_str(&hint.why))
    }
}

#[cfg(not(feature = "direct"))]
#[wasm_bindgen]
impl MountedPanel {
    /// Whose calls it shows, once that is known: the same text for the same agent of the same platform, and for nobody
    /// else.
    #[wasm_bindgen(skip_typescript)]
    pub fn owner(&self) -> JsValue {
        self.panel.desk.owner().into()
    }

    /// Reads a record of a host's CRM by the relay: `path` stands behind `/v1/hosts/`. `done` gets the reply's object,
    /// or nothing; not once the panel is unmounted.
    #[wasm_bindgen(js_name = lookUp, skip_typescript)]
    pub fn look_up(&self, path: &JsValue, done: JsValue) {
        let path = path.as_string().unwrap_or_default();
        let tell = move |got: Result<JsValue, Failure>| {
            // It settles a promise of the loader's.
            let _ = js::call(&done, &JsValue::UNDEFINED, &[got.unwrap_or_default()]);
        };
        let path = ["hosts/", &*path].concat();
        self.panel.desk.look_up(&path, Box::new(tell));
    }
}

impl Drop for MountedPanel {
    fn drop(&mut self) {
        self.panel.desk.close();
        self.panel.gone.set(true);
        if let Some(mut shown) = self.panel.shown.take() {
            shown.unmount();
        }
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
        // The connection is another tab's from now on.
        patchcord::desk::let_go();
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
                ui: Held::default(),
                outside: Held::default(),
                heard: Held::default(),
                spoken: Held::default(),
                told: Held::default(),
                details: Held::default(),
                news: Held::default(),
                focus: Cell::default(),
                shown: Held::default(),
                gone: Cell::new(false),
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
        // The platform has no desk: the loader has another module for that.
        let no_desk = self.desk.failure();
        if no_desk.is_some_and(|failure| failure.is(Code::CapabilityMissing)) {
            // Where it has none, the failure is shown.
            let _ = js::invoke(&self.host, "without_desk", &[]);
        }
        self.news.borrow_mut().push(news);
        self.tell_page();
        self.listen();
        self.want();
    }

    fn read_options(&self) {
        let options = js::invoke(&self.host, "options", &[]).unwrap_or_default();
        let offer = page::read_offer(&options).unwrap_or_else(|error| {
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
            ui.let_go(view);
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
            News::Failed(failure) => ui.notice("", Tone::Bad, self.said(&failure)),
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
        // A text quotes the one or names the other.
        let message = failure.message().or_else(|| failure.field());
        self.texts.of_code(&failure.code(), message.as_deref())
    }
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
