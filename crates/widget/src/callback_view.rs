//! `<patchcord-callback>`: what it looks like.

use std::rc::Rc;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::callback::CallbackForm;
use crate::face::{busy, flag, invalid, status_part, text, word, wrong};
use crate::questions::Line;

/// Renders the form.
pub fn view(form: &Rc<CallbackForm>) -> impl IntoView + use<> {
    let shown = form.shown;
    let (texts, questions) = (&form.host.texts, &form.questions);
    let lines: Vec<_> = questions
        .lines
        .iter()
        .enumerate()
        .map(|(index, line)| {
            let Line {
                id,
                label,
                kind,
                autocomplete,
                required,
                max,
                hint,
            } = line;
            let optional = if *required {
                String::new()
            } else {
                [" ", &texts.get("callback.optional")].concat()
            };
            let (hint_id, error_id) = ([id, "-hint"].concat(), [id, "-error"].concat());
            view! {
                <div class="field">
                    <label for=id.clone() part="label">
                        {label.clone()}
                        <small>{optional}</small>
                    </label>
                    <input
                        id=id.clone()
                        name=id.clone()
                        part="input"
                        type=*kind
                        autocomplete=*autocomplete
                        maxlength=max.clone()
                        aria-required=required.then_some("true")
                        aria-invalid=invalid(shown, index)
                        aria-describedby=[&hint_id, " ", &error_id].concat()
                    />
                    <small class="hint" id=hint_id>{hint.clone()}</small>
                    <small class="wrong" id=error_id part="error">{wrong(shown, index)}</small>
                </div>
            }
        })
        .collect();
    let topic = questions.topic_index();
    let choice = (questions.topics.len() > 1).then(|| {
        let options: Vec<_> = questions
            .topics
            .iter()
            .map(|(topic, label)| view! { <option value=topic.clone()>{label.clone()}</option> })
            .collect();
        view! {
            <div class="field">
                <label for="topic" part="label">{texts.get("callback.topic")}</label>
                <select id="topic" name="topic" part="input" aria-describedby="topic-error">{options}</select>
                <small class="wrong" id="topic-error" part="error">{wrong(shown, topic)}</small>
            </div>
        }
    });
    let consent = questions.consent.as_ref().map(|(_, words)| {
        view! {
            <div class="field">
                <label class="consent" part="label">
                    <input
                        id="consent"
                        name="consent"
                        type="checkbox"
                        aria-required="true"
                        aria-invalid=invalid(shown, topic + 1)
                        aria-describedby="consent-error"
                    />
                    <span>{words.clone()}</span>
                </label>
                <small class="wrong" id="consent-error" part="error">{wrong(shown, topic + 1)}</small>
            </div>
        }
    });
    let (weak, weak_too) = (Rc::downgrade(form), Rc::downgrade(form));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(form) = weak.upgrade() {
            form.submit();
        }
    };
    let cancel = move |_| {
        if let Some(form) = weak_too.upgrade() {
            form.cancel();
        }
    };
    view! {
        <div class="box callback" data-state=word(shown, |face| Some(face.state))>
            <form
                novalidate=true
                part="form"
                hidden=flag(shown, |face| face.state == "accepted")
                on:submit:capture=submit
            >
                {lines}
                {choice}
                {consent}
                <button class="main" part="button" type="submit" aria-disabled=word(shown, busy)>
                    <span part="label">{text(shown, |face| &face.label)}</span>
                </button>
                <button
                    class="plain"
                    type="button"
                    hidden=flag(shown, |face| face.state != "waiting")
                    on:click:capture=cancel
                >
                    {texts.get("cancel")}
                </button>
                <span class="status" part=word(shown, status_part) role="status">
                    <b>{text(shown, |face| &face.headline)}</b>
                    <span>{text(shown, |face| &face.advice)}</span>
                </span>
            </form>
            <div
                class="done"
                part="status"
                tabindex="-1"
                hidden=flag(shown, |face| face.state != "accepted")
            >
                <span class="tick" aria-hidden="true"></span>
                <b>{text(shown, |face| &face.headline)}</b>
                <span>{text(shown, |face| &face.advice)}</span>
                <span>{text(shown, |face| &face.reference)}</span>
            </div>
        </div>
    }
}
