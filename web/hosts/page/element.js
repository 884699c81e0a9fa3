// The iframe, and how large it is.

/** What the panel takes at least; nothing jumps below it. CSS pixels. */
const HEIGHT = 560;
const WIDTH = 480;

/**
 * The iframe of a phone. It is as wide as its container, up to what the panel can use, and as high as `height`; without
 * one it grows with what the phone shows and never becomes lower than it began, so that nothing below it jumps up.
 */
export function makeElement({ title = "Phone", className, height, maxHeight = 900, allow = "autoplay" }, address) {
  const frame = document.createElement("iframe");
  frame.title = title;
  if (className) frame.className = className;
  frame.allow = allow;
  frame.src = address;
  // One by one, by script: a page's policy may forbid styles in markup.
  Object.assign(frame.style, {
    display: "block",
    border: "0",
    width: "100%",
    maxWidth: `${WIDTH}px`,
    height: typeof height == "string" ? height : `${height ?? HEIGHT}px`,
  });
  return {
    frame,
    show(isVisible) {
      frame.style.display = isVisible ? "block" : "none";
    },
    size(wish) {
      if (height !== undefined || !(wish.height > 0)) return;
      frame.style.height = `${Math.min(Math.max(Math.ceil(wish.height), HEIGHT), maxHeight)}px`;
    },
  };
}
