// What a page in TypeScript does with the package. A line that has to be wrong says so.
import 'patchcord/auto';
import { define, load, type CallDetail, type PatchcordCallbackElement } from 'patchcord';
import { start } from 'patchcord/campaign';
import { mount } from 'patchcord/frame';
import { Client } from 'patchcord/module';
import { enhance, load as loadNumbers } from 'patchcord/numbers';
import { load as loadPanel } from 'patchcord/panel';
import { define as defineScan } from 'patchcord/scan';

const call = document.createElement('patchcord-call');
call.payload = { deep: [1, { two: 'three' }] };
call.record = { system: 'crm', type: 'Lead', id: '1' };
call.assertion = async () => 'a.b.c';
call.addEventListener('callrequested', (event) => {
  const detail: CallDetail = event.detail;
  if (detail.number.startsWith('+49')) event.preventDefault();
});
call.addEventListener('callrefused', ({ detail }) => detail.code.length + (detail.message?.length ?? 0));
call.addEventListener('callended', ({ detail }) => (detail.duration ?? 0) * 1000);
call.addEventListener('callstate', ({ detail }) => [detail.held, detail.muted, detail.recording, detail.state === 'ringing']);
// @ts-expect-error A payload is an object.
call.payload = 'text';
// @ts-expect-error A record has a type.
call.record = { system: 'crm', id: '1' };
// @ts-expect-error An assertion is given later.
call.assertion = () => 'at once';
// @ts-expect-error A call button has nothing to open.
call.show();

const callback: PatchcordCallbackElement = document.querySelector('patchcord-callback')!;
callback.show();
callback.hide();
callback.toggleAttribute('open', true);
callback.fields = ['town', { name: 'model', type: 'select', options: [{ value: 'a', label: 'A' }] }];
callback.captcha = () => 'answer';
callback.texts = { 'callback.submit': 'Call me' };
callback.addEventListener('callbackqueued', ({ detail }) => [detail.reference.length, detail.at?.length, detail.number]);
// @ts-expect-error A form is about no record.
callback.record = { system: 'crm', type: 'Lead', id: '1' };

// The events bubble.
document.addEventListener('callbackrefused', ({ detail }) => detail.code);
addEventListener('patchcorderror', ({ detail }) => [detail.code, detail.field]);
// @ts-expect-error There is no such detail.
document.addEventListener('callbackqueued', ({ detail }) => detail.duration);

const panel = document.createElement('patchcord-panel');
panel.addEventListener('agentstate', ({ detail }) => detail.state);
const inTheWay: string | null | undefined = panel.act('hold', 'call');
const scan = document.createElement('patchcord-scan');
scan.entity = { 'tr.lead': { record: { id: '@data-id' }, payload: { score: '.score' }, region: '.country' } };
const found: { number: string; element: Element }[] = scan.numbers;
// @ts-expect-error What was found cannot be set.
scan.numbers = found;

export async function use(input: HTMLInputElement) {
  await define();
  await defineScan();
  const { Client: Same, resolveEntity } = await load();
  const client: Client = new Same({ relay: 'https://relay.example.com', siteKey: 'pk_live' });
  const { number, payload } = resolveEntity({ Lead: { number: ['Phone'] } }, 'Lead', { Phone: '+49301' });
  const placed = await client.call({ number: number ?? '+49301', payload });
  const { read, check, type, regions } = await loadNumbers();
  const { wrong, e164 } = read('030 901820', 'DE');
  // @ts-expect-error There is no such reason.
  if (wrong === 'rude') return;
  await enhance(input, { lang: 'de', region: 'DE' });
  const { Samespace } = await loadPanel('patchcord_direct');
  const samespace = new Samespace({ direct: 'https://ph1c.samespace.com', account: 'acme', trusted: true });
  // @ts-expect-error Whoever uses it has to say that they know what it means.
  new Samespace({ direct: 'https://ph1c.samespace.com', account: 'acme' });
  const { outcome } = await samespace.dial({ agent: 'alex', number: '+4930123456' });
  const choose = start({ consent: 'wait', dataLayer: 'events' });
  choose('granted');
  // @ts-expect-error That is no answer.
  choose('perhaps');
  const phone = mount({ container: document.body, host: 'acme', sessionUrl: '/patchcord-session' });
  phone.show();
  return [placed.state, e164, check('+49'), type('030', 3, 'DE').caret, regions().length, outcome, inTheWay];
}
