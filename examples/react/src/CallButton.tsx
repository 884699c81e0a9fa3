import { useState } from 'react';
import { RELAY } from './relay';

/** A call button for whoever is signed in: the address behind `session-url` vouches for them. */
export function CallButton({ number }: { number: string }) {
  const [news, setNews] = useState('');
  return (
    <>
      <patchcord-call
        relay={RELAY}
        number={number}
        provider="samespace"
        session-url="/crm/assertion"
        record={{ system: 'shop', type: 'Customer', id: 'C-7' }}
        oncallaccepted={() => setNews('The call is on its way.')}
        oncallrefused={({ detail }) => setNews(`It was not placed (${detail.code}).`)}
      />
      <p role="status">{news}</p>
    </>
  );
}
