//! A desk that is closed, and how to open it; and one that is only beginning.

use patchcord_core::desk::allowed::Stopped;

use crate::act::What;
use crate::banner::banner;
use crate::lists::bars;
use crate::node::{Node, div, el};
use crate::scene::{Scene, SigningIn};

/// Why there is nothing to be seen, and what to do.
pub fn stopped(scene: &Scene<'_>, why: Stopped) -> Node {
    let text = |part: &str| {
        scene
            .texts
            .word("desk.stopped.", &[why.as_str(), part].concat())
    };
    let buttons = match why {
        Stopped::SignInNeeded => sign_in(scene),
        Stopped::Closed | Stopped::Taken => {
            let label = text(".do");
            div("row").with(
                crate::scene::button("main")
                    .act(What::Start, "")
                    .text(&label),
            )
        }
        Stopped::NotAnAgent => div("row")
            .with(scene.switch(What::Start, "", "second"))
            .may(
                scene
                    .outside
                    .may_sign_out
                    .then(|| scene.switch(What::SignOut, "", "plain")),
            ),
    };
    el("section")
        .class("stopped")
        .at("aria-labelledby", "t-stopped")
        .at("data-home", "")
        .key(why.as_str())
        .with(
            el("h2")
                .id("t-stopped")
                .at("tabindex", "-1")
                .text(&text("")),
        )
        .with(el("p").text(&text(".remedy")))
        .with(buttons)
}

fn sign_in(scene: &Scene<'_>) -> Node {
    match &scene.outside.signing_in {
        SigningIn::Idle => div("row").with(scene.switch(What::SignIn, "", "main")),
        SigningIn::Waiting => div("row")
            .with(el("p").class("quiet").text(scene.t("desk.signing_in")))
            .with(scene.switch(What::CancelSignIn, "", "second")),
        SigningIn::Failed(said) => div("row")
            .with(banner("bad", "signin", &said.headline, &said.advice, None))
            .with(scene.switch(What::SignIn, "", "main")),
    }
}

/// Where things will be, in their sizes, so that nothing jumps when they come.
pub fn skeleton(scene: &Scene<'_>) -> Node {
    div("skeleton")
        .key("skeleton")
        .at("aria-busy", "true")
        .with(
            // Whoever signed in with the keyboard waits here.
            el("p")
                .class("quiet")
                .at("tabindex", "-1")
                .at("data-focus", "")
                .text(scene.t("desk.starting")),
        )
        .may(scene.outside.failure.as_ref().map(|why| {
            let again = scene.switch(What::Start, "", "plain");
            banner("bad", "why", &why.headline, &why.advice, Some(again))
        }))
        .with(bars(6))
}
