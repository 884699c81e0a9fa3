// What Vue's templates know of the elements. examples/vue has the templates themselves checked.
import type {} from 'patchcord/vue';
import type { GlobalComponents } from 'vue';

type Props<Name extends keyof GlobalComponents> = GlobalComponents[Name] extends new () => { $props: infer Own } ? Own : never;

export const form: Props<'patchcord-callback'> = {
  class: 'form',
  key: 1,
  relay: 'https://relay.example.com',
  'site-key': 'pk_live',
  mode: 'slide',
  payload: { cart: { total: 1290 } },
  onCallbackqueued: ({ detail }) => console.log(detail.reference),
};
export const call: Props<'patchcord-call'> = { number: '+49', onCallended: ({ detail }) => console.log(detail.duration) };
export const panel: Props<'patchcord-panel'> = { dialler: true, onAgentstate: ({ detail }) => console.log(detail.state) };
export const scan: Props<'patchcord-scan'> = { entity: { tr: { region: '.country' } } };
// @ts-expect-error There is no such mode.
export const wrong: Props<'patchcord-callback'> = { mode: 'modal' };
// @ts-expect-error A call button has a number.
export const none: Props<'patchcord-call'> = {};
