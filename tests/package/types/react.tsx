// The elements in JSX, as React 19 has it.
import type {} from 'patchcord/react';
import { useRef } from 'react';
import type { PatchcordCallbackElement } from 'patchcord';

export function Site() {
  const form = useRef<PatchcordCallbackElement>(null);
  return (
    <>
      <patchcord-callback
        ref={form}
        className="form"
        relay="https://relay.example.com"
        site-key="pk_live"
        mode="popup"
        open
        payload={{ cart: { total: 1290 } }}
        fields={['town']}
        texts={{ 'callback.submit': 'Call me' }}
        oncallbackqueued={({ detail }) => console.log(detail.reference, detail.at)}
        oncallbackrequested={(event) => event.preventDefault()}
      >
        <p>Loading…</p>
      </patchcord-callback>
      <patchcord-call
        number="+49 30 123456"
        provider="samespace"
        caller-id="+4930"
        confirm
        disabled={false}
        record={{ system: 'crm', type: 'Lead', id: '1' }}
        assertion={async () => 'a.b.c'}
        oncallended={({ detail }) => console.log(detail.duration)}
      />
      <patchcord-panel session-url="/s" dialler onagentstate={({ detail }) => console.log(detail.state)} />
      <patchcord-scan session-url="/s" region="DE" leniency="strict" entity={{ tr: { region: '.country' } }} />
      <button onClick={() => form.current?.show()}>Open</button>
      {/* @ts-expect-error A call button has a number. */}
      <patchcord-call />
      {/* @ts-expect-error A provider is named. */}
      <patchcord-call number="+49" provider={1} />
      {/* @ts-expect-error There is no such mode. */}
      <patchcord-callback site-key="pk" mode="modal" />
      {/* @ts-expect-error A payload is an object. */}
      <patchcord-callback site-key="pk" payload="text" />
      {/* @ts-expect-error A form has no such event. */}
      <patchcord-callback site-key="pk" oncallended={() => {}} />
    </>
  );
}
