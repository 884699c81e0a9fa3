// Colours as they are painted: the contrast of what is on a page, and the ready themes on it.
import { readFile } from 'node:fs/promises';

/** The ready themes, by their names. */
export const THEMES = ['paper', 'harbour', 'signal'];

/** Has a page wear a theme, or none again. Constructed, since most test pages allow no other style sheet. */
export async function wear(page, theme) {
  const text = theme ? await readFile(new URL(`../../web/themes/${theme}.css`, import.meta.url), 'utf8') : '';
  await page.evaluate((rules) => {
    if (!window.worn) {
      window.worn = new CSSStyleSheet();
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.worn];
    }
    window.worn.replaceSync(rules);
  }, text);
}

/**
 * The contrast (WCAG 2, 1 to 21) of a colour of an element with what is painted behind it. `property`: which of its
 * colours; those of an outline or a border are compared with what is around the element.
 */
export async function contrast(locator, property = 'color') {
  return locator.evaluate((node, property) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    /** The luminance of colours that are painted over each other. */
    const luminance = (colours) => {
      for (const colour of colours) {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
      }
      const [r, g, b] = Array.from(context.getImageData(0, 0, 1, 1).data, (byte) => {
        const part = byte / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const grounds = [];
    let at = property === 'color' ? node : node.parentElement ?? node.getRootNode().host;
    for (; at; at = at.assignedSlot ?? at.parentElement ?? at.getRootNode().host) {
      grounds.unshift(getComputedStyle(at).backgroundColor);
    }
    // Under everything: the browser's own page.
    const page = document.createElement('i');
    page.style.backgroundColor = 'Canvas';
    document.documentElement.append(page);
    grounds.unshift(getComputedStyle(page).backgroundColor);
    page.remove();
    const behind = luminance(grounds);
    const before = luminance([...grounds, getComputedStyle(node)[property]]);
    return (Math.max(behind, before) + 0.05) / (Math.min(behind, before) + 0.05);
  }, property);
}
