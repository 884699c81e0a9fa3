// A Salesforce org with a call centre, as far as a softphone sees it: the page with its phone fields and its utility
// bar, the package's Apex class, the records and the tasks. What it answers is what the Open CTI guide documents.
import { readFile } from 'node:fs/promises';
import { expect } from '@playwright/test';
import { serveAt, signedBy } from './hosts.js';

/** The origin of the org's pages. */
export const ORG = 'https://acme.lightning.force.com';

/** The version that the softphone loads. */
export const LIBRARY = '/support/api/66.0/lightning/opencti_min.js';
const PAGE = '/lightning/r/Contact/003/view';

/** The call centre of the user, as `getCallCenterSettings` has it. */
const CENTRE = {
  '/displayNameLabel': 'Display Name',
  '/internalNameLabel': 'Internal Name',
  '/reqGeneralInfo/reqInternalName': 'AcmePhone',
  '/reqGeneralInfo/reqDisplayName': 'Acme phone',
  '/reqGeneralInfo/reqSalesforceCompatibilityMode': 'Lightning',
  '/reqDialingOptions/reqOutsidePrefix': '9',
  '/reqDialingOptions/reqLongDistPrefix': '1',
  '/reqDialingOptions/reqInternationalPrefix': '011',
};

/** A Task's fields that a softphone may set, and what they take. */
const TASK = {
  entityApiName: (value) => value === 'Task',
  Subject: (value) => typeof value === 'string' && value.length <= 255,
  Status: (value) => ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'].includes(value),
  TaskSubtype: (value) => value === 'Call',
  CallType: (value) => ['Inbound', 'Outbound', 'Internal'].includes(value),
  CallObject: (value) => typeof value === 'string' && value.length <= 255,
  CallDisposition: (value) => typeof value === 'string' && value.length <= 255,
  CallDurationInSeconds: (value) => Number.isInteger(value) && value >= 0,
  ActivityDate: (value) => /^\d{4}-\d\d-\d\d$/.test(value),
  Description: (value) => typeof value === 'string' && value.length <= 32_000,
  WhoId: (value) => /^(003|00Q)[a-zA-Z0-9]{12,15}$/.test(value),
  WhatId: (value) => /^(?!003|00Q)[a-zA-Z0-9]{15,18}$/.test(value),
};

const succeeded = (returnValue = null) => ({ success: true, returnValue, errors: null });
const failed = (code, description, details) => ({ success: false, returnValue: null, errors: [{ code, description, details }] });

export class Org {
  #servers;
  /** What was called, oldest first: `{method, args}`. */
  calls = [];
  /** What no guide documents. */
  violations = [];
  /** The tasks, by their ids. */
  tasks = new Map();
  /** What `runApex` reads: by record, its fields. */
  records = {};
  /** What a search by number finds: by what is searched for. */
  matches = {};
  /** Answers in place of the usual ones, by method: a function of its arguments; `undefined`: none at all. */
  instead = {};

  constructor(servers) {
    this.#servers = servers;
  }

  /** The arguments of each call of a method. */
  of(method) {
    return this.calls.filter((call) => call.method === method).map(({ args }) => args);
  }

  async answer(method, args) {
    this.calls.push({ method, args });
    if (method in this.instead) return this.instead[method](args);
    return this[method]?.(args) ?? succeeded();
  }

  getCallCenterSettings() {
    return succeeded(CENTRE);
  }

  setSoftphonePanelHeight({ heightPX }) {
    return inRange('heightPX', heightPX, 240, 2560);
  }

  setSoftphonePanelWidth({ widthPX }) {
    return inRange('widthPX', widthPX, 200, 1920);
  }

  async runApex({ apexClass, methodName, methodParams }) {
    const params = Object.fromEntries(new URLSearchParams(methodParams));
    const method = apexClass === 'PatchcordPhone' && this.#apex[methodName];
    if (!method) return failed('SERVER_ERROR', `Could not load Apex class: ${apexClass}.`);
    return succeeded({ runApex: await method(params) });
  }

  #apex = {
    assertion: () => signedBy(this.#servers),
    fields: ({ recordId, names }) => {
      const all = this.records[recordId] ?? {};
      return JSON.stringify(Object.fromEntries(names.split(',').filter((name) => name in all).map((name) => [name, all[name]])));
    },
    logged: ({ callId }) => [...this.tasks].find(([, task]) => task.CallObject === callId)?.[0] ?? '',
  };

  saveLog({ value }) {
    for (const [field, set] of Object.entries(value)) {
      if (TASK[field]?.(set)) continue;
      const errors = { fieldErrors: { [field]: [{ message: `bad value for ${field}: ${set}` }] } };
      this.violations.push(`saveLog: ${field} ${JSON.stringify(set)}`);
      return failed('GENERIC_ERROR', 'An error occurred while calling the saveLog() API method.', errors);
    }
    const recordId = `00T${String(this.tasks.size + 1).padStart(12, '0')}AAA`;
    this.tasks.set(recordId, value);
    return succeeded({ recordId });
  }

  searchAndScreenPop({ searchParams, callType }) {
    return succeeded(callType === 'inbound' ? { ...this.matches[searchParams], SCREEN_POP_DATA: {} } : {});
  }
}

function inRange(name, value, least, most) {
  if (value >= least && value <= most) return succeeded();
  return failed('INVALID_PARAM', `An invalid value was passed to the parameter ${name}.`);
}

/**
 * Opens a page of the org with phone fields and the softphone in its utility bar.
 *
 * `phones`: what `onClickToDial` tells, by the text of the field. `query`: of the softphone's address, in place of
 * what Salesforce adds to it. `library`: in place of the stand-in.
 */
export async function openOrg(page, servers, { phones = {}, query, org = new Org(servers), library, at = ORG } = {}) {
  await page.exposeFunction('answerOf', (method, args) => org.answer(method, args));
  await page.exposeFunction('violates', (text) => void org.violations.push(text));
  const asked = new URLSearchParams(query ?? { isdtp: 'p1', sfdcIframeOrigin: ORG, mode: 'Lightning' });
  await serveAt(page.context(), at, { [PAGE]: html(`${servers.relay}/hosts/acme-open-cti?${asked}`, phones) });
  const script = library ?? (await readFile(new URL('./opencti-stand-in.js', import.meta.url), 'utf8'));
  await page.context().route(`${ORG}${LIBRARY}`, (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  await page.goto(`${at}${PAGE}`);
  return org;
}

/** Has the call centre's agents be those of a platform. `payload`: what goes along of a contact, in place of the demo's. */
export async function callCentre(servers, { provider = 'babelforce', payload, more = '', origins = [ORG] } = {}) {
  await servers.configure((text) => {
    const [before, after] = text.split('name = "acme-open-cti"');
    let section = after.replace(/^origins = .*$/m, `origins = ${JSON.stringify(origins)}\nprovider = "${provider}"\n${more}`);
    if (payload) section = section.replace(/^payload = .*$/m, `payload = ${payload}`);
    return `${before}name = "acme-open-cti"${section}`;
  });
  await servers.restartRelay();
}

function html(softphone, phones) {
  const fields = Object.keys(phones).map((text) => `<li><button type="button" disabled>${text}</button></li>`);
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Org</title><style>
    body { margin: 0; font: 14px/1.4 sans-serif; background: #f3f3f3; min-height: 100vh; }
    footer { position: fixed; right: 0; bottom: 0; background: #fff; border: 1px solid #c9c9c9; padding: 8px; }
    iframe { border: 0; width: 380px; height: 560px; display: block; }
    </style></head><body><main><h1>Ada Lovelace</h1><ul>${fields.join('')}</ul></main>
    <footer><b></b><iframe title="Softphone" src="${softphone.replaceAll('&', '&amp;')}"></iframe></footer>
    <script>(${inPage})(${JSON.stringify(phones)})</script></body></html>`;
}

/** Runs in the org's page: hands what the softphone asks to the test, and tells it of clicks. */
function inPage(phones) {
  const frame = document.querySelector('iframe');
  const softphone = new URL(frame.src).origin;
  const tell = (message) => frame.contentWindow.postMessage({ standIn: true, ...message }, softphone);
  const buttons = [...document.querySelectorAll('main button')];
  const dialled = (enabled) => buttons.forEach((button) => (button.disabled = !enabled));
  let hears = false;
  addEventListener('message', async ({ data, origin, source }) => {
    if (source !== frame.contentWindow || origin !== softphone || !data?.standIn) return;
    if (data.violation) return window.violates(data.violation);
    const { method, id, args, isAnswered } = data;
    const response = await window.answerOf(method, args);
    if (!response) return;
    if (method === 'onClickToDial') hears = true;
    if (response.success && /^(en|dis)ableClickToDial$/.test(method)) dialled(method[0] === 'e');
    if (response.success && method === 'setSoftphoneItemLabel') document.querySelector('b').textContent = args.label;
    if (response.success && method === 'setSoftphonePanelHeight') frame.style.height = `${args.heightPX}px`;
    if (response.success && method === 'setSoftphonePanelWidth') frame.style.width = `${args.widthPX}px`;
    if (isAnswered) tell({ id, response });
  });
  for (const button of buttons) {
    button.onclick = () => {
      if (!hears) return window.violates('a number was enabled before anybody heard of clicks');
      tell({ heard: 'onClickToDial', payload: phones[button.textContent] });
    };
  }
}

/** The softphone's frame. */
export function softphone(page) {
  return page.frameLocator('iframe[title="Softphone"]');
}

/** A phone field of the org's page, once it can be clicked. */
export async function clickPhone(page, text) {
  await page.getByRole('button', { name: text, exact: true }).click();
}

/** Expects that nothing undocumented was called. */
export function expectDocumented(org) {
  expect(org.violations, 'what the guide does not document').toEqual([]);
}
