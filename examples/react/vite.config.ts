import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  plugins: [react()],
  // Its files are loaded from where they are; moved away from them it would not find them.
  optimizeDeps: { exclude: ['patchcord'] },
  server: {
    // An origin that the demo's relay allows. What signs for the agent is the demo's.
    host: '127.0.0.1',
    port: 4103,
    proxy: { '/crm/assertion': 'http://127.0.0.1:4102' },
  },
});
