// The phone field's looks: in the colours of patchcord.css, elsewhere in the page's own.

export const sheet = new CSSStyleSheet();

sheet.replaceSync(`
.region, .regions {
  --line: var(--_line, GrayText);
  --surface: var(--_surface, Canvas);
  --ink: var(--_text, CanvasText);
  --soft: var(--_muted, color-mix(in srgb, CanvasText 72%, Canvas));
  --mark: var(--_accent, Highlight);
}
.region, .regions, .regions * { box-sizing: border-box; font: inherit }
.region {
  position: absolute;
  border: 0;
  background: none;
  min-width: 44px;
  padding: 0 1.6em 0 .75rem;
  border-radius: var(--patchcord-radius, 8px);
  color: var(--soft);
  cursor: pointer;
  white-space: nowrap;
}
.region::after {
  content: "";
  position: absolute;
  right: .7em;
  top: calc(50% - .3em);
  width: .35em;
  height: .35em;
  border: solid currentColor;
  border-width: 0 1.5px 1.5px 0;
  rotate: 45deg;
}
.region:hover, .region[aria-expanded="true"] { color: var(--ink) }
.regions {
  position: absolute;
  z-index: 9;
  padding: .5rem;
  border: 1px solid var(--line);
  border-radius: var(--patchcord-radius, 8px);
  background: var(--surface);
  color: var(--ink);
  box-shadow: 0 8px 24px rgb(0 0 0 / 22%);
}
.regions ul {
  max-height: 15rem;
  margin: .5rem 0 0;
  padding: 0;
  overflow-y: auto;
  list-style: none;
}
.regions .search { width: 100%; min-height: 40px }
.regions p { margin: .5rem .25rem 0 }
.regions p:empty { display: none }
.regions li {
  display: flex;
  justify-content: space-between;
  gap: 1rem;
  min-height: 40px;
  align-items: center;
  padding: .25rem .6rem;
  border-radius: 6px;
  cursor: pointer;
}
.regions li:hover { background: color-mix(in srgb, var(--soft) 14%, transparent) }
.regions li.active { background: color-mix(in srgb, var(--mark) 18%, transparent); outline: 1px solid var(--mark); outline-offset: -1px }
.regions li[aria-selected="true"] { font-weight: 600 }
.regions .code { color: var(--soft); font-weight: 400 }
@media (forced-colors: active) { .regions li.active { outline: 2px solid Highlight } }
`);
