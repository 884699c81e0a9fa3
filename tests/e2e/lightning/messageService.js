// Stands in for `lightning/messageService`, as it is documented: messages are copied, and reach every subscriber of the
// channel, in whichever part of the page.

import { Telling } from './wire.js';

export const APPLICATION_SCOPE = Symbol('application');

const context = { page: 'acme' };
const subscribers = new Set();

export const MessageContext = Telling(() => context);

export function publish(given, channel, message) {
  if (given !== context) throw new Error('publish needs a message context');
  const text = JSON.stringify(message ?? {});
  window.org.published.push(JSON.parse(text));
  queueMicrotask(() => {
    for (const one of [...subscribers]) if (one.channel === channel) one.listener(JSON.parse(text));
  });
}

export function subscribe(given, channel, listener, options) {
  if (given !== context) throw new Error('subscribe needs a message context');
  if (options?.scope !== APPLICATION_SCOPE) throw new Error('the utility bar is not in the scope of the page');
  const one = { channel, listener };
  subscribers.add(one);
  return one;
}

export function unsubscribe(subscription) {
  if (!subscribers.delete(subscription)) throw new Error('there is no such subscription');
}
