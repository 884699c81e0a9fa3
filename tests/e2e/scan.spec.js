// The page scanner: what it finds on a page, and what it leaves alone.
import { expect, test } from './servers.js';
import { events, open } from './pages.js';
import { finds, marked, numbers, openScan, scanTag, scripts } from './scan.js';

test('finds numbers in texts, links, read-only inputs, attributes, shadow roots and frames', async ({ page, servers }) => {
  await openScan(
    page,
    servers,
    `<p>Ring +49 30 901820 or +43 1 58058-0.</p>
     <a href="tel:+44-20-7946-0000">London</a>
     <input readonly value="+49 40 4288310" aria-label="Phone"><input disabled value="+49 40 4288311" aria-label="Phone">
     <b data-phone="+49 89 2180 0">Munich</b>
     <x-box></x-box>
     <iframe src="/t/inner" title="inner"></iframe>
     <script>
       customElements.define('x-box', class extends HTMLElement {
         constructor() { super(); this.attachShadow({mode: 'open'}).innerHTML = '<p>+41 44 668 18 00</p>'; }
       });
     </script>`,
    { attributes: { data: '[data-phone]' }, frames: { '/t/inner': { body: '<p>+33 1 42 68 53 00</p>' } } },
  );
  await finds(page, [
    '+4930901820',
    '+431580580',
    '+442079460000',
    '+49404288310',
    '+49404288311',
    '+498921800',
    '+41446681800',
    '+33142685300',
  ]);
});

test('a shadow root is found whichever element has it', async ({ page, servers }) => {
  const names = 'article aside blockquote div footer h1 h2 h3 h4 h5 h6 header main nav p section span x-unknown'.split(' ');
  const hosts = `<script>
    ${JSON.stringify(names)}.forEach((name, at) => {
      const host = document.createElement(name);
      host.attachShadow({mode: 'open'}).innerHTML = '<b>+49 30 9018' + (20 + at) + '</b>';
      document.querySelector('#hosts').append(host);
    });
  </script>`;
  await openScan(page, servers, `<div id="hosts"></div>${hosts}`);
  await finds(
    page,
    names.map((_, at) => `+49309018${20 + at}`),
  );
});

test('elements with a class of their own, or of another document, are what they are', async ({ page, servers }) => {
  const changed = `<script>
    class Row extends HTMLDivElement {}
    customElements.define('x-row', Row, {extends: 'div'});
    const row = document.createElement('div', {is: 'x-row'});
    row.attachShadow({mode: 'open'}).innerHTML = '+49 30 901820';
    // As scripts from before there were classes do it: its constructor is its parent's.
    const old = document.createElement('a');
    old.href = 'tel:+4930901821';
    Object.setPrototypeOf(old, Object.create(HTMLAnchorElement.prototype));
    const frame = document.querySelector('iframe');
    const theirs = frame.contentDocument.createElement('div');
    theirs.innerHTML = '<a href="tel:+4930901822">x</a><input readonly value="+4930901823" aria-label="x"><code>+4930901829</code><p></p>';
    theirs.lastChild.attachShadow({mode: 'open'}).innerHTML = '+49 30 901824';
    frame.remove();
    document.querySelector('#place').append(row, old, theirs);
  </script>`;
  const form = '<form><input name="constructor" aria-label="x"><a href="tel:+4930901825">x</a></form>';
  await openScan(page, servers, `<iframe title="x"></iframe><div id="place"></div>${changed}${form}`);
  await finds(
    page,
    [0, 1, 2, 3, 4, 5].map((at) => `+4930901${820 + at}`),
  );
});

test('leaves alone what people write in, what is no text, and what is marked so', async ({ page, servers }) => {
  const left = [
    '<input value="+49 30 901821" aria-label="a">',
    '<input readonly type="password" value="+4930901822" aria-label="b">',
    '<textarea aria-label="c">+49 30 901823</textarea>',
    '<div contenteditable><p>+49 30 901824</p></div>',
    '<code>+49 30 901825</code>',
    '<script type="text/plain">+49 30 901826</script>',
    '<p data-patchcord-ignore><b>+49 30 901827</b></p>',
    '<select aria-label="d"><option>+49 30 901828</option></select>',
    '<p class="log"><i>+49 30 901829</i></p>',
    '<com-1password-button>+49 30 901831</com-1password-button>',
  ];
  await openScan(page, servers, `${left.join('')}<p>+49 30 901820</p>`, { attributes: { exclude: '.log' } });
  await finds(page, ['+4930901820']);
});

test('an include list is the only place for numbers', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+49 30 901820</p><div id="crm"><p>+49 30 901821</p></div>', {
    attributes: { include: '#crm, .contacts' },
  });
  await finds(page, ['+4930901821']);
});

test('decoys are no numbers', async ({ page, servers }) => {
  await openScan(
    page,
    servers,
    `<p>2026-11-26, 26.11.2026, 12:30:45</p><p>4111 1111 1111 1111</p><p>192.168.100.200</p><p>$1,234,567.89</p>
     <p>Order 4500012345678901</p><p>ISBN 978-3-16-148410-0</p><p>030 901820</p>`,
    { attributes: { region: 'DE' } },
  );
  await finds(page, ['+4930901820']);
});

test.describe('the region of a national number is', () => {
  test('the attribute', async ({ page, servers }) => {
    await openScan(page, servers, '<p>030 901820</p>', { attributes: { region: 'DE' } });
    await finds(page, ['+4930901820']);
  });

  test('the one that the nearest language names', async ({ page, servers }) => {
    await openScan(page, servers, '<p>030 901820</p><p lang="de-AT">01 58058</p><p lang="en">030 901821</p>', { lang: 'de-DE' });
    await finds(page, ['+4930901820', '+43158058', '+4930901821'].slice(0, 2));
  });

  test('none where only a language is named', async ({ page, servers }) => {
    await openScan(page, servers, '<p>030 901820</p><p>+49 30 901821</p>', { lang: 'de' });
    await finds(page, ['+4930901821']);
  });

  test("the record's, before the attribute", async ({ page, servers }) => {
    const rows = '<tr data-land="AT"><td>01 58058</td></tr><tr data-land="DE"><td>030 901820</td></tr>';
    await openScan(page, servers, `<table>${rows}</table>`, {
      attributes: { region: 'CH', entity: JSON.stringify({ tr: { region: '@data-land' } }) },
    });
    await finds(page, ['+43158058', '+4930901820']);
  });

  test("the record's, for a text right in a shadow root too", async ({ page, servers }) => {
    await openScan(page, servers, '<table><tr data-land="AT"><td><div></div></td></tr></table>', {
      attributes: { entity: JSON.stringify({ tr: { region: '@data-land' } }) },
    });
    await page.evaluate(() => (document.querySelector('td div').attachShadow({ mode: 'open' }).innerHTML = '01 58058'));
    await finds(page, ['+43158058']);
  });
});

test('a leniency can be chosen', async ({ page, servers }) => {
  // Possible by its length, of no range that is given out.
  await openScan(page, servers, '<p>+1 555 555 0100</p>', { attributes: { leniency: 'possible' } });
  await finds(page, ['+15555550100']);
  await page.evaluate(() => document.querySelector('patchcord-scan').removeAttribute('leniency'));
  await finds(page, []);
});

test('texts that a framework made of one are read as one', async ({ page, servers }) => {
  await openScan(page, servers, '<p id="p"></p>');
  await page.evaluate(() => document.querySelector('#p').append('Call +49', new Comment(), ' 30 ', '901820', ' now'));
  await finds(page, ['+4930901820']);
  await expect.poll(() => marked(page)).toEqual(['+49 30 901820']);
});

test('digits that go on in another element are no number, and hide none that begins there', async ({ page, servers }) => {
  await openScan(
    page,
    servers,
    `<p><b>12</b><b>030 901820</b></p><p><b>+</b><b>+49 30 901821</b></p><p>+49 <b>30</b> 9018</p>
     <p><b>Ext. 1</b>+49 30 <!-- one text --> 901822<b>5</b></p><p>٠٣٠ ٩٠١٨٢٣</p>`,
    { attributes: { region: 'DE' } },
  );
  await finds(page, ['+4930901820', '+4930901821', '+4930901822', '+4930901823']);
});

test('a number that is the text of a link to somewhere else is in that link', async ({ page, servers }) => {
  await openScan(page, servers, '<a id="link" href="https://example.com/">+49 30 901820</a>');
  await finds(page, ['+4930901820']);
  const inside = () => page.evaluate(() => document.querySelector('patchcord-scan').numbers.map(({ element }) => element.id));
  expect(await inside()).toEqual(['link']);
});

test('numbers between thousands of siblings are all found, whole or in parts', async ({ page, servers }) => {
  await openScan(page, servers, '<main id="long"></main>', { attributes: { region: 'DE' } });
  const expected = await page.evaluate(() => {
    const list = document.createElement('div');
    const numbers = [];
    const numberAt = (i) => 2_000_000 + i;
    for (let i = 0; i < 3000; i += 1) {
      const n = String(numberAt(i));
      numbers.push(`+4930${n}`);
      // Texts right in the list, some in parts with a comment between; elements with and without a number.
      if (i % 3) list.append(document.createElement('b'), i % 2 ? `030 ${n}` : `no. 7, 030 ${n}, ok`);
      else list.append('030 ', new Comment('one'), n.slice(0, 3), n.slice(3));
      if (i % 700 === 5) {
        // Too much for a piece, and what stands alone between two of those.
        for (const inner of [new Comment('+49 30 901898'), `, 030 7${n}, `]) {
          list.append(document.createElement('div'), inner);
          list.lastElementChild.innerHTML = '<s></s>'.repeat(300);
          list.append(list.lastElementChild.cloneNode(true));
        }
        numbers.push(`+49307${n}`);
      }
      list.append(document.createElement('i'), '12', document.createElement('u'));
      list.lastChild.textContent = '34567';
      if (i % 500 === 0) {
        list.append(document.createElement('script'));
        list.lastChild.type = 'text/plain';
        list.lastChild.textContent = '+49 30 901899';
      }
    }
    document.querySelector('#long').append(list);
    return numbers;
  });
  await finds(page, expected);
});

test('the text of a script is never asked for, however small the page is', async ({ page, servers }) => {
  await page.addInitScript(() => {
    window.asked = [];
    for (const [owner, name] of [[Range.prototype, 'toString'], [Node.prototype, 'textContent']]) {
      const own = Object.getOwnPropertyDescriptor(owner, name);
      const ask = own.get ?? own.value;
      const told = function () {
        const text = ask.call(this);
        window.asked.push(text);
        return text;
      };
      Object.defineProperty(owner, name, own.get ? { ...own, get: told } : { ...own, value: told });
    }
  });
  await openScan(page, servers, `
    <div><p>Call <b>now</b></p><script type="application/json">{"phone": "+49 30 901821"}</script></div>
    <p>+49 30 901820</p>`);
  await finds(page, ['+4930901820']);
  const asked = await page.evaluate(() => window.asked);
  expect(asked.some((text) => text.includes('901820'))).toBe(true);
  expect(asked.filter((text) => text.includes('901821'))).toEqual([]);
});

test('a number that is twice in a row is one, and twice in two rows is two', async ({ page, servers }) => {
  const row = '<tr><td>+49 30 901820</td><td><a href="tel:+4930901820">call</a></td></tr>';
  await openScan(page, servers, `<table>${row}${row}</table>`);
  await finds(page, ['+4930901820', '+4930901820']);
});

test('an extension goes with its number', async ({ page, servers }) => {
  await openScan(page, servers, '<p>+49 30 901820 ext. 012</p><a href="tel:+4930901821;ext=9">x</a>');
  await finds(page, ['+4930901820;ext=012', '+4930901821;ext=9']);
});

test('a text of a hundred thousand characters is read to its end', async ({ page, servers }) => {
  await openScan(page, servers, '<pre id="long"></pre>');
  const expected = await page.evaluate(() => {
    const lines = Array.from({ length: 2500 }, (_, i) => `${i} words and then +49 30 9018${String(20 + (i % 70))}, more`);
    document.querySelector('#long').textContent = lines.join(' and so on ');
    return lines.length;
  });
  const ranges = () => page.evaluate(() => CSS.highlights.get('patchcord-number')?.size);
  await expect.poll(ranges).toBe(expected);
});

test('runs under a strict policy, which refuses nothing', async ({ page, servers }) => {
  await open(page, servers, `<p>+49 30 901820</p>${scanTag()}`, { head: scripts(servers) });
  await finds(page, ['+4930901820']);
  expect(await page.evaluate(() => window.seen.violations)).toEqual([]);
});

test('says so where WebAssembly is refused, and leaves the page alone', async ({ page, servers }) => {
  await open(page, servers, `<p>+49 30 901820</p>${scanTag()}`, { form: 'plain', head: scripts(servers) });
  await expect.poll(() => events(page, 'patchcorderror').then((all) => all.map(({ detail }) => detail.code))).toContain('module_failed');
  expect(await numbers(page)).toEqual([]);
});

for (const [name, value] of Object.entries({ include: ':::', exclude: '>>', data: 'b', leniency: 'lax', region: 'Germany', entity: '{"::":{}}' })) {
  test(`says that the attribute ${name} cannot be used`, async ({ page, servers }) => {
    await open(page, servers, scanTag({ [name]: value }), { head: scripts(servers) });
    const told = () => events(page, 'patchcorderror').then((all) => all.map(({ detail }) => [detail.code, detail.field]));
    await expect.poll(told).toEqual([['unknown_attribute_value', name]]);
  });
}
