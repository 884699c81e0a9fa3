import { useState } from 'react';
import { BIKES } from './bikes';
import { CallButton } from './CallButton';
import { CallMeBack } from './CallMeBack';

export function App() {
  const [bike, setBike] = useState(BIKES[0]);
  return (
    <main>
      <h1>Lindgren Bicycles</h1>
      <p>Handmade in Freiburg. Which one do you have in mind?</p>
      <ul className="bikes">
        {BIKES.map((one) => (
          <li key={one.name}>
            <button type="button" aria-pressed={one === bike} onClick={() => setBike(one)}>
              {one.name}
            </button>
          </li>
        ))}
      </ul>
      <h2>Shall we call you about the {bike.name}?</h2>
      <CallMeBack bike={bike} />
      <h2>For our staff</h2>
      <CallButton number="+493023125100" />
    </main>
  );
}
