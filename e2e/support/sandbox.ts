import { createClient, type Client } from '@ambit/client/sdk';
import { test as base } from '@playwright/test';
import type { Ground } from './ground.ts';
import { sandboxGround } from './sandbox-ground.ts';

export const test = base.extend<{ client: Client }, { ground: Ground }>({
  ground: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern to know what a fixture needs.
    async ({}, use) => {
      const ground = await sandboxGround();
      try {
        await use(ground);
      } finally {
        await ground.end();
      }
    },
    { scope: 'worker', timeout: 600_000 },
  ],
  baseURL: async ({ ground }, use) => use(ground.platform.url),
  client: async ({ ground }, use) => use(createClient(ground.platform)),
});
