// What a plain button needs before patchcord.css has come, so that nothing jumps. The rest is there.

export const base = new CSSStyleSheet();

base.replaceSync(
  ":host{display:inline-block;line-height:1.4}[hidden]{display:none!important}*{box-sizing:border-box;font:inherit}" +
    ".box,.main{display:inline-flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem}" +
    "button{min-height:44px;border:0;background:none;color:inherit}" +
    ".main{justify-content:center;gap:.5rem;padding:.5rem 1rem;border:1px solid #0000;border-radius:var(--patchcord-radius,8px);background:#1d5fd1;color:#fff;font-weight:600}" +
    ".main *{font-weight:600}.icon{width:18px;height:18px}",
);
