import { useMemo, useState } from 'react';
import type { Bike } from './bikes';
import { RELAY, SITE_KEY } from './relay';

/** The callback form. What the visitor has chosen travels with their request. */
export function CallMeBack({ bike }: { bike: Bike }) {
  const [reference, setReference] = useState<string>();
  const payload = useMemo(() => ({ bike: { ...bike } }), [bike]);
  return (
    <>
      <patchcord-callback
        relay={RELAY}
        site-key={SITE_KEY}
        topic="sales"
        payload={payload}
        oncallbackqueued={({ detail }) => setReference(detail.reference)}
        oncallbackrefused={() => setReference(undefined)}
      />
      {reference && <p role="status">Thank you! Your reference is {reference}.</p>}
    </>
  );
}
