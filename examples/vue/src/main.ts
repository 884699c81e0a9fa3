// Defines the elements before anything is rendered, so that Vue sets their properties.
import 'patchcord/auto';
import type {} from 'patchcord/vue';
import { createApp } from 'vue';
import App from './App.vue';
import './site.css';

createApp(App).mount('#app');
