//! What each state looks like: its markup is kept, and its page is written for looking at.

use std::fs;
use std::path::Path;

use crate::stage::texts;
use crate::states;

#[test]
fn every_state_looks_as_it_did() {
    for (name, stage) in states::all() {
        insta::assert_snapshot!(name, stage.node().to_html());
    }
}

/// `target/tmp/panel/<language>/<state>.html`, for a browser.
#[test]
fn every_state_has_a_page_to_look_at() {
    let css = include_str!("../../../../web/panel/panel.css");
    for lang in ["en", "de"] {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("panel")
            .join(lang);
        fs::create_dir_all(&folder).unwrap();
        for (name, mut stage) in states::all() {
            stage.texts = texts(lang);
            let html = stage.node().to_html();
            assert!(
                !html.contains("\"desk."),
                "{name} has a text that is missing:\n{html}"
            );
            assert!(
                !html.contains(">desk."),
                "{name} has a text that is missing:\n{html}"
            );
            let page = format!(
                "<!doctype html><html lang={lang}><meta charset=utf-8><title>{name}</title>\
                 <meta name=viewport content=\"width=device-width\"><meta name=color-scheme content=\"light dark\">\
                 <style>body{{margin:0;font:16px/1.5 system-ui,sans-serif}}</style>\
                 <body><main><h1 style=\"position:absolute;clip-path:inset(50%)\">{name}</h1>\
                 <div id=panel><template shadowrootmode=open><style>{css}</style>\
                 <div class=root>{html}</div></template></div></main>\
                 <script>for (const one of document.querySelector('#panel').shadowRoot.querySelectorAll('select'))\
                 one.value = one.getAttribute('value')</script>"
            );
            fs::write(folder.join(format!("{name}.html")), page).unwrap();
        }
    }
}
