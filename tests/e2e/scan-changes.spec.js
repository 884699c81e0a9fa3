// The page scanner follows the page: what comes, changes and goes.
import { expect, test } from './servers.js';
import { boxes, finds, marked, openScan } from './scan.js';

test('follows texts, links, inputs and attributes that come, change and go', async ({ page, servers }) => {
  await openScan(page, servers, '<p id="text">nothing</p><div id="place"></div>', { attributes: { data: '[data-phone]' } });
  await finds(page, []);
  const change = (run) => page.evaluate(run);

  await change(() => (document.querySelector('#text').firstChild.data = 'Ring +49 30 901820'));
  await finds(page, ['+4930901820']);
  await change(() => (document.querySelector('#text').firstChild.data = 'Ring +49 30 901821'));
  await finds(page, ['+4930901821']);
  await change(() => document.querySelector('#text').remove());
  await finds(page, []);

  await change(() => (document.querySelector('#place').innerHTML = '<a href="tel:+4930901822">call</a><b>b</b><input value="+49 30 901825" aria-label="i">'));
  await finds(page, ['+4930901822']);
  await change(() => (document.querySelector('#place a').href = 'tel:+4930901823'));
  await finds(page, ['+4930901823']);
  await change(() => (document.querySelector('#place a').href = '/elsewhere'));
  await finds(page, []);

  await change(() => (document.querySelector('#place b').dataset.phone = '+49 30 901824'));
  await finds(page, ['+4930901824']);
  await change(() => delete document.querySelector('#place b').dataset.phone);
  await finds(page, []);

  await change(() => (document.querySelector('#place input').readOnly = true));
  await finds(page, ['+4930901825']);
  // No event and no mutation tells of this one.
  await change(() => (document.querySelector('#place input').value = '+49 30 901826'));
  await finds(page, ['+4930901826']);
  await change(() => (document.querySelector('#place input').readOnly = false));
  await finds(page, []);
});

test('follows what is left out and put in again', async ({ page, servers }) => {
  await openScan(page, servers, '<div id="box"><p>+49 30 901820</p></div>', { attributes: { exclude: '.off' } });
  await finds(page, ['+4930901820']);
  for (const [set, unset] of [
    ["dataset.patchcordIgnore = ''", 'removeAttribute("data-patchcord-ignore")'],
    ['contentEditable = "true"', 'removeAttribute("contenteditable")'],
    ['className = "off"', 'className = ""'],
  ]) {
    await page.evaluate(`document.querySelector('#box').${set}`);
    await finds(page, []);
    await page.evaluate(`document.querySelector('#box').${unset}`);
    await finds(page, ['+4930901820']);
  }
});

test('reads a number again where one of its texts changes', async ({ page, servers }) => {
  await openScan(page, servers, '<p id="p"></p>');
  await page.evaluate(() => document.querySelector('#p').append('+49 30 ', '901820'));
  await finds(page, ['+4930901820']);
  await page.evaluate(() => (document.querySelector('#p').lastChild.data = '901821'));
  await finds(page, ['+4930901821']);
  await page.evaluate(() => document.querySelector('#p').firstChild.remove());
  await finds(page, []);
});

test('finds shadow roots that are attached later, and what changes in them', async ({ page, servers }) => {
  await openScan(page, servers, '<div id="host"></div>');
  await page.evaluate(() => {
    const root = document.querySelector('#host').attachShadow({ mode: 'open' });
    setTimeout(() => (root.innerHTML = '<p>+49 30 901820</p><div id="inner"></div>'));
  });
  await finds(page, ['+4930901820']);
  await page.evaluate(() => {
    const inner = document.querySelector('#host').shadowRoot.querySelector('#inner');
    inner.attachShadow({ mode: 'open' }).innerHTML = '<p>+49 30 901821</p>';
  });
  await finds(page, ['+4930901820', '+4930901821']);
});

test('finds a shadow root that was attached before its host came', async ({ page, servers }) => {
  await openScan(page, servers, '');
  await page.evaluate(() => {
    const host = document.createElement('div');
    host.attachShadow({ mode: 'open' }).innerHTML = '<p>+49 30 901820</p>';
    document.querySelector('main').append(host);
  });
  await finds(page, ['+4930901820']);
});

test('follows frames that come and go on', async ({ page, servers }) => {
  const frames = {
    '/t/one': { body: '<p>+49 30 901820</p>' },
    '/t/two': { body: '<p id="p">+49 30 901821</p><div id="host"></div>' },
  };
  await openScan(page, servers, '<div id="place"></div>', { frames });
  await page.evaluate(() => (document.querySelector('#place').innerHTML = '<iframe title="f" src="/t/one"></iframe>'));
  await finds(page, ['+4930901820']);
  await expect.poll(() => marked(page)).toEqual(['+49 30 901820']);
  await page.evaluate(() => (document.querySelector('iframe').src = '/t/two'));
  await finds(page, ['+4930901821']);
  const frame = page.frames().at(-1);
  await frame.evaluate(() => {
    document.querySelector('#p').textContent = '+49 30 901822';
    document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<p>+49 30 901823</p>';
  });
  await finds(page, ['+4930901822', '+4930901823']);
  await page.evaluate(() => document.querySelector('iframe').remove());
  await finds(page, []);
});

test('goes on with a page that changes while it is read', async ({ page, servers }) => {
  await openScan(page, servers, '<table><tbody></tbody></table>');
  const row = (i) => `<tr><td>Person ${i}</td><td>+49 30 ${String(2_000_000 + i)}</td></tr>`;
  await page.evaluate((rows) => (document.querySelector('tbody').innerHTML = rows), Array.from({ length: 6000 }, (_, i) => row(i)).join(''));
  // Rows go and come in the midst of it, in tasks of their own.
  await page.evaluate(async () => {
    const body = document.querySelector('tbody');
    for (let i = 0; i < 60; i += 1) {
      await new Promise((done) => setTimeout(done));
      for (let at = 0; at < 50; at += 1) body.rows[i * 20].remove();
      body.insertRow(i * 10).innerHTML = `<td>New</td><td>+49 40 ${3_000_000 + i}</td>`;
    }
  });
  await expect.poll(() => page.evaluate(() => document.querySelector('patchcord-scan').numbers.length), { timeout: 20_000 }).toBe(6000 - 60 * 50 + 60);
});

test('a number that is gone is marked no more', async ({ page, servers }) => {
  await openScan(page, servers, '<p id="p">+49 30 901820</p><p>+49 30 901821</p><input id="i" readonly value="+49 30 901822" aria-label="i">');
  await expect.poll(() => marked(page)).toHaveLength(2);
  await expect.poll(() => boxes(page)).toHaveLength(1);
  await page.evaluate(() => {
    document.querySelector('#p').remove();
    document.querySelector('#i').remove();
  });
  await expect.poll(() => marked(page)).toEqual(['+49 30 901821']);
  await expect.poll(() => boxes(page)).toHaveLength(0);
});
