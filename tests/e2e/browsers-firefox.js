// Debian's Firefox, over WebDriver BiDi. What can be done with it is what `browsers-webkit.js` has, too.
import puppeteer from 'puppeteer-core';

export const name = 'Firefox';

/** Starts it; `heard(text)` is called with each error of a page. */
export async function start(heard) {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: process.env.FIREFOX, headless: true });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 900 });
  page.on('pageerror', ({ message }) => heard(message));
  return {
    version: await browser.version(),
    go: (url) => page.goto(url),
    /** What a function of the page's gives for arguments that JSON has. */
    ask: (run, ...args) => page.evaluate(run, ...args),
    click: ({ x, y }) => page.mouse.click(x, y),
    point: ({ x, y }) => page.mouse.move(x, y),
    type: (text) => page.keyboard.type(text),
    press: async (...keys) => {
      for (const key of keys) await page.keyboard.down(key);
      for (const key of keys.reverse()) await page.keyboard.up(key);
    },
    picture: () => page.screenshot({ encoding: 'base64' }),
    /** Does something in the window that the page has opened. */
    inPopup: async (run) => {
      const pages = await browser.pages();
      const popup = pages.find((other) => other !== page && !other.url().startsWith('about:'));
      return popup?.evaluate(run);
    },
    end: () => browser.close(),
  };
}
