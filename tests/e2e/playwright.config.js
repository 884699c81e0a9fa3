import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser.js';

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.js',
  // `cargo xtask examples` builds what it needs and runs it.
  testIgnore: 'package-examples.spec.js',
  outputDir: 'test-results',
  workers: 2,
  fullyParallel: true,
  // A test that passes the second time has failed.
  retries: 0,
  forbidOnly: true,
  timeout: 30_000,
  // The suite takes 24 minutes; a busy machine takes more.
  globalTimeout: 60 * 60_000,
  expect: { timeout: 10_000 },
  // `cargo xtask e2e` counts from the JSON file that PLAYWRIGHT_JSON_OUTPUT_FILE names.
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: launchOptions(),
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
  },
});
