// What a plain button needs before patchcord.css has come, so that nothing jumps. The rest is there.

export const base = new CSSStyleSheet();

base.replaceSync(
  ":host{display:inline-block;line-height:1.4}[hidden]{display:none!important}*{box-sizing:border-box;font:inherit}" +
    "button{min-height:44px;border:0;background:none}.main{padding:.5rem 1rem;font-weight:600}.icon{display:inline-block;width:26px}",
);
