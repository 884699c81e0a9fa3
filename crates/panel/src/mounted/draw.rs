//! Drawing: at most once with each frame, and the focus stays with the person.

use leptos::tachys::view::{Mountable, Render};
use patchcord::{js, time};
use patchcord_core::desk::session::Session;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use super::{Panel, closest, focus};
use crate::panel::{cards, panel, ticks_at};
use crate::scene::Scene;
use crate::ui::Tone;
use crate::update::next_digits;

/// A page that is hidden draws nothing; what is to be said is said after so many milliseconds all the same.
const HIDDEN_MS: u64 = 150;

impl Panel {
    /// Has the panel drawn with the next frame, however often it is asked.
    pub(super) fn want(&self) {
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
            if !panel.gone.get() {
                panel.draw();
            }
        });
    }

    /// Hears what has changed: what comes and goes between two drawings is said as well.
    pub(super) fn listen(&self) {
        self.desk.session(|session| {
            let more = self.with_scene(session, |scene| self.heard.borrow_mut().listen(scene));
            self.spoken.borrow_mut().add(&more);
            if let Some(said) = self.heard.borrow_mut().missed() {
                self.ui.borrow_mut().notice("", Tone::Bad, said);
            }
        });
    }

    /// Shows what is so now.
    pub(super) fn draw(&self) {
        self.catch_up();
        let digits = self.desk.session(|session| {
            let mut ui = self.ui.borrow_mut();
            next_digits(&mut ui, session)
        });
        self.listen();
        let spoken = self.spoken.take();
        let (node, ticks, said_until) = self.desk.session(|session| {
            let cards = self.with_scene(session, cards);
            let mut ui = self.ui.borrow_mut();
            if ui.cards.0 != cards {
                ui.cards = (cards, time::now());
            }
            ui.saying.tick(time::now());
            ui.saying.say(spoken, time::now());
            drop(ui);
            self.with_scene(session, |scene| {
                (panel(scene), ticks_at(scene), scene.ui.saying.until)
            })
        });
        let focused = self.focused();
        let mut shown = self.shown.borrow_mut();
        match shown.as_mut() {
            Some(shown) => node.rebuild(shown),
            None => shown
                .insert(node.build())
                .mount(self.root.unchecked_ref(), None),
        }
        drop(shown);
        self.keep_focus(focused);
        self.wake(ticks);
        self.wake(said_until);
        if let Some(action) = digits {
            self.send(action);
        }
    }

    pub(super) fn with_scene<T>(&self, session: &Session, look: impl FnOnce(&Scene<'_>) -> T) -> T {
        look(&Scene {
            session,
            texts: &self.texts,
            ui: &self.ui.borrow(),
            outside: &self.outside.borrow(),
            now: time::now(),
            clock: &|at| self.clock(at),
            seconds: &|count| self.seconds(count),
        })
    }

    /// Draws again at a time, or earlier.
    pub(super) fn wake(&self, at: Option<u64>) {
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

    /// What has the focus in the panel, and everything around it that can take it over.
    pub(super) fn focused(&self) -> Option<(JsValue, Vec<JsValue>)> {
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
    pub(super) fn keep_focus(&self, before: Option<(JsValue, Vec<JsValue>)>) {
        if let Some(selector) = self.focus.take() {
            let found = js::invoke(&self.root, "querySelector", &[selector.into()]);
            let found = found.unwrap_or_default();
            // It may have gone with this very drawing.
            if found.is_object() {
                return focus(&found, false);
            }
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
}
