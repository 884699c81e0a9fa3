// How the frame looks around the panel. The panel has its own style sheet.
export const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; --ink: light-dark(#1c2330, #e8ebf2); --line: light-dark(#d5dae3, #3a4252); --paper: light-dark(#fff, #171b23); --lit: light-dark(#eef3fd, #232b3a); --accent: light-dark(#1d5bd6, #8ab4ff); }
body { margin: 0; color: var(--ink); background: var(--paper); }
[hidden] { display: none !important; }
.bar:not(:empty) { display: flex; gap: 12px; align-items: center; justify-content: space-between; padding: 10px 14px; background: var(--lit); border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
button { font: inherit; color: var(--accent); background: none; border: 1px solid currentColor; border-radius: 8px; padding: 5px 12px; cursor: pointer; white-space: nowrap; }
button:hover { background: light-dark(#e2ebfc, #2c3749); }
button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button.main { color: light-dark(#fff, #10151f); background: var(--accent); border-color: transparent; padding: 9px 18px; }
.notes { position: sticky; bottom: 0; background: var(--paper); display: grid; gap: 8px; padding: 10px 14px 14px; border-top: 1px solid var(--line); }
.notes button { justify-self: end; }
.notes label { display: grid; gap: 4px; }
textarea { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 8px 10px; resize: vertical; }
textarea:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.sign-in, .alone { padding: 28px 20px; text-align: center; }
.sign-in p, .alone { margin: 0 0 16px; }
`);
