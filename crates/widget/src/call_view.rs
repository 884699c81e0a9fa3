//! `<patchcord-call>`: what it looks like.

use std::rc::Rc;

use leptos::prelude::*;

use crate::call::CallButton;
use crate::face::{busy, flag, status_part, text, word};

/// Renders the button. Its clicks and keys are listened to in one place each.
pub fn view(button: &Rc<CallButton>) -> impl IntoView + use<> {
    let shown = button.shown;
    let texts = &button.host.texts;
    let [clicked, pressed, entered, focused] = [(); 4].map(|()| Rc::downgrade(button));
    view! {
        <div
            class="box call"
            data-state=word(shown, |face| Some(face.state))
            on:click:capture=move |event| {
                if let Some(button) = clicked.upgrade() {
                    button.act(&event);
                }
            }
            on:keydown:capture=move |event| {
                if let Some(button) = pressed.upgrade() {
                    button.key(&event);
                }
            }
            on:pointerenter:capture=move |_| {
                if let Some(button) = entered.upgrade() {
                    button.warm();
                }
            }
            on:focusin:capture=move |_| {
                if let Some(button) = focused.upgrade() {
                    button.warm();
                }
            }
        >
            <button
                class="main"
                part="button"
                type="button"
                data-act="call"
                hidden=flag(shown, |face| face.state == "asking")
                disabled=flag(shown, |face| face.disabled)
                aria-disabled=word(shown, busy)
            >
                <span class="icon" aria-hidden="true"></span>
                <span part="label">{text(shown, |face| &face.label)}</span>
            </button>
            <span class="ask" role="group" hidden=flag(shown, |face| face.state != "asking")>
                <span>{text(shown, |face| &face.question)}</span>
                <button class="main" part="button" type="button" data-act="confirm">
                    {texts.get("call.confirm.yes")}
                </button>
                <button class="plain" part="button" type="button" data-act="cancel">
                    {texts.get("cancel")}
                </button>
            </span>
            <button
                class="plain"
                type="button"
                data-act="cancel"
                hidden=flag(shown, |face| face.state != "waiting")
            >
                {texts.get("cancel")}
            </button>
            <span class="status" part=word(shown, status_part) role="status">
                <b>{text(shown, |face| &face.headline)}</b>
                <span>{text(shown, |face| &face.advice)}</span>
            </span>
        </div>
    }
}
