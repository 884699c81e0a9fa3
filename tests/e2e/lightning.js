// Lightning Experience as far as the components need it: the real LWC engine, the package's components, and stand-ins
// for what only Salesforce has (the folder `lightning`).
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import lwc from '@lwc/rollup-plugin';
import { rollup } from 'rollup';
import { ORG, RESOURCE, serveOrg } from './salesforce.js';

const PACKAGE = fileURLToPath(new URL('../../dist/salesforce/force-app/main/default/', import.meta.url));
const STAND_INS = fileURLToPath(new URL('lightning/', import.meta.url));

const ENTRY = `
  import { createElement } from 'lwc';
  import CallButton from 'c/patchcordCallButton';
  import CallList from 'c/patchcordCallList';
  import Phone from 'c/patchcordPhone';
  const components = { 'c-call-button': CallButton, 'c-call-list': CallList, 'c-phone': Phone };
  window.place = (name, properties = {}, place = document.querySelector('main')) => {
    const element = Object.assign(createElement(name, { is: components[name] }), properties);
    place.append(element);
    return element;
  };
`;

/** What the components import of the org, as modules. */
function ofTheOrg(name) {
  const [, kind, what] = /^@salesforce\/(\w+)\/(.+)$/.exec(name) ?? [];
  if (kind === 'label') {
    const labels = readFileSync(join(PACKAGE, 'labels/CustomLabels.labels-meta.xml'), 'utf8');
    const label = labels.split(`<fullName>${what.replace('c.', '')}</fullName>`)[1];
    return `export default ${JSON.stringify(/<value>(.*)<\/value>/.exec(label)[1])};`;
  }
  if (kind === 'apex') {
    const ask = `window.org.apex(${JSON.stringify(what.split('.')[1])}, given)`;
    // What is cached can be wired.
    return what.endsWith('.settings')
      ? `import { Asking } from 'lightning/wire'; export default Asking((given) => ${ask});`
      : `export default (given) => ${ask};`;
  }
  if (kind === 'messageChannel') return `export default ${JSON.stringify(what)};`;
  if (kind === 'resourceUrl') return `export default ${JSON.stringify(RESOURCE)};`;
  if (kind === 'user') return 'export default window.org.isGuest;';
  return undefined;
}

/** The components and the engine, as one script. `shadow`: as browsers have it, or as Lightning Experience has it. */
async function bundle(shadow) {
  const folder = await mkdtemp(join(tmpdir(), 'patchcord-lwc-'));
  try {
    await cp(join(PACKAGE, 'lwc'), join(folder, 'modules/c'), { recursive: true });
    await cp(STAND_INS, join(folder, 'modules/lightning'), { recursive: true });
    const warnings = [];
    const built = await rollup({
      input: 'entry',
      onwarn: ({ message }) => warnings.push(message),
      plugins: [
        {
          name: 'org',
          resolveId(id, from) {
            if (id === 'entry') return '\0entry.js';
            if (id.startsWith('@salesforce/')) return `\0${id}`;
            const stand = /^(?:lightning\/|\.\/)(\w+)(?:\.js)?$/.exec(id);
            if (id.startsWith('lightning/') || (stand && from?.includes('/modules/lightning/'))) {
              return join(folder, 'modules/lightning', `${stand[1]}.js`);
            }
            const own = /^c\/(\w+)$/.exec(id);
            if (own) return join(folder, 'modules/c', own[1], `${own[1]}.js`);
            if (id === '@lwc/synthetic-shadow') return fileURLToPath(import.meta.resolve('@lwc/synthetic-shadow'));
            if (id === 'lwc') return fileURLToPath(import.meta.resolve('@lwc/engine-dom'));
            return null;
          },
          load(id) {
            if (id === '\0entry.js') return (shadow === 'synthetic' ? "import '@lwc/synthetic-shadow';" : '') + ENTRY;
            return id.startsWith('\0@salesforce/') ? ofTheOrg(id.slice(1)) : null;
          },
        },
        lwc({
          rootDir: join(folder, 'modules'),
          apiVersion: 66,
          exclude: ['\0**', '**/modules/lightning/**', '**/node_modules/**'],
        }),
      ],
    });
    // As it is while developing: then the engine says what it does not like.
    const intro = "const process = { env: { NODE_ENV: 'development' } };";
    const { output } = await built.generate({ format: 'iife', intro });
    await built.close();
    if (warnings.length > 0) throw new Error(warnings.join('\n'));
    return output[0].code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const bundled = {};

/** The records of the org. */
export const RECORDS = [
  {
    apiName: 'Contact',
    id: '003Q7000004JQaAIAW',
    fields: {
      Id: '003Q7000004JQaAIAW',
      Name: 'Jana Petersen',
      MobilePhone: '',
      Phone: '+49 30 23125-100',
      Title: 'Head of Heat',
      Plan__c: 'Gold',
      Account: { Name: 'Nordlicht Wärme GmbH' },
    },
  },
  {
    apiName: 'Contact',
    id: '003Q7000004JQbBIAW',
    fields: { Id: '003Q7000004JQbBIAW', Name: 'Omar Ott', MobilePhone: '+49 1522 8817386', Phone: null, Title: null, Plan__c: null, Account: null },
  },
  { apiName: 'Contact', id: '003Q7000004JQcCIAW', fields: { Id: '003Q7000004JQcCIAW', Name: 'Nora Nobody', MobilePhone: null, Phone: ' ', Title: null, Plan__c: null, Account: null } },
];

/** The mapping that the administrator has set. */
export const MAPPING = {
  Contact: {
    number: ['MobilePhone', 'Phone'],
    payload: { name: 'Name', title: 'Title', plan: 'Plan__c', account: 'Account.Name' },
  },
};

/** What the contact's call takes along, and the record behind it. */
export const JANA = {
  payload: { name: 'Jana Petersen', title: 'Head of Heat', plan: 'Gold', account: 'Nordlicht Wärme GmbH' },
  record: {
    system: 'salesforce',
    type: 'Contact',
    id: '003Q7000004JQaAIAW',
    name: 'Jana Petersen',
    url: `${ORG}/lightning/r/Contact/003Q7000004JQaAIAW/view`,
  },
};

/**
 * Opens a page of the org, with nothing on it yet. Gives what Apex was asked: `{assertion: […], log: […], find: […]}`.
 *
 * `settings`: what differs from the usual ones; `csp`: the page's policy; `find`: whose number an incoming call's is.
 */
export async function openLightning(
  page,
  servers,
  { shadow = 'native', settings = {}, isGuest = false, csp, find = [] } = {},
) {
  bundled[shadow] ??= bundle(shadow);
  const asked = { assertion: [], find: [], log: [], settings: [] };
  const { signed } = await serveOrg(page, servers, {
    '/lightning/page': {
      csp,
      html:
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Org</title></head>' +
        '<body style="margin: 16px; font-family: sans-serif"><main></main><footer style="width: 380px"></footer><script src="/lwc.js"></script></body></html>',
    },
    '/lwc.js': { js: await bundled[shadow] },
  });
  await page.exposeFunction('apexMethod', async (method, given) => {
    asked[method].push(given ?? null);
    if (method === 'assertion') return { value: await signed() };
    if (method === 'settings') {
      const usual = { relay: servers.relay, host: 'acme-salesforce', mapping: JSON.stringify(MAPPING), provider: 'samespace' };
      return { value: { ...usual, ...settings } };
    }
    if (method === 'find') return { value: find };
    return { value: '00T000000000001AAA' };
  });
  await page.addInitScript(
    ({ records, guest }) => {
      if (window !== window.top) return;
      window.org = {
        records,
        isGuest: guest,
        utilityId: 'utility-1',
        navigated: [],
        published: [],
        utility: [],
        apex: async (method, given) => (await window.apexMethod(method, given)).value,
      };
    },
    { records: RECORDS, guest: isGuest },
  );
  await page.goto(`${ORG}/lightning/page`);
  return asked;
}

/** Puts a component on the page. */
export async function place(page, name, properties = {}, where = 'main') {
  await page.evaluate(([tag, given, selector]) => void window.place(tag, given, document.querySelector(selector)), [
    name,
    properties,
    where,
  ]);
}

/** What the page's part of the org has seen. */
export async function seen(page, what) {
  return page.evaluate((key) => JSON.parse(JSON.stringify(window.org[key])), what);
}
