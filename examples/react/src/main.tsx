// Defines the elements before anything is rendered, so that React sets their properties.
import 'patchcord/auto';
import type {} from 'patchcord/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import './site.css';

createRoot(document.querySelector('#app')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
