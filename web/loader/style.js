// What a plain button needs before patchcord.css has come, so that nothing jumps, and where the button of a form is
// that is not in the page. The rest is there.

export const base = new CSSStyleSheet();

base.replaceSync(
  ":host{display:inline-block;line-height:1.4;font-family:var(--patchcord-font,inherit)}[hidden]{display:none!important}*{box-sizing:border-box;font:inherit}" +
    "button{min-height:44px;border:0;background:none}.main{padding:.5em 1em;font-weight:var(--patchcord-weight,600)}.icon{display:inline-block;width:26px}" +
    ".trigger{border-radius:var(--patchcord-button-radius,var(--patchcord-radius,8px));--_:var(--patchcord-accent,light-dark(#1d5fd1,#8ab4ff));background:var(--_);color:var(--patchcord-on-accent,oklch(from var(--_) calc((.6 - l)*1e9) 0 0))}" +
    "button.float,button.slide{position:fixed;z-index:9}button.float{inset-block:var(--patchcord-corner-block,auto 1.25rem);inset-inline:var(--patchcord-corner-inline,auto 1.25rem)}" +
    "button.slide{inset:50% 0 auto auto;writing-mode:vertical-rl}:host(:dir(rtl)) button.slide{inset:50% auto auto 0}",
);
