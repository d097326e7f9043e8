import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';

const chromium = process.env['AMBIT_CHROMIUM'];

/**
 * embedded: journeys on a platform of their own, started as `npm start` does; no cluster.
 * lab: journeys on a real Kubernetes with real Istio (infra/lab).
 * What stands in both/ runs in both projects: on a sandbox, and on the lab.
 */
export default defineConfig({
  testMatch: '**/*.journey.ts',
  outputDir: '../test-results',
  // Each worker has a platform, and in the project "lab" a lab, of its own. Much of it is waiting.
  workers: Math.max(2, availableParallelism()) + 1,
  retries: Number(process.env['AMBIT_TEST_RETRIES'] ?? 0),
  forbidOnly: true,
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ? [['list'], ['json']] : [['list']],
  use: {
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1440, height: 900 },
    actionTimeout: 60_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
  // Generous: only what hangs reaches them, however busy the machine is.
  expect: { timeout: 60_000 },
  projects: [
    { name: 'embedded', testDir: './embedded', timeout: 180_000 },
    { name: 'lab', testDir: './lab', timeout: 25 * 60_000 },
  ],
});
