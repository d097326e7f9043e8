import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from '@ambit/client/sdk';
import { test as base, type Page } from '@playwright/test';
import { endLaunch, launchPlatform, readAdmin, type Admin, type Launch } from './launcher.ts';
import { SignInPage } from '../pages/sign-in.ts';

export interface Platform extends Admin {
  home: string;
  launch: Launch;
}

interface WorkerFixtures {
  platform: Platform;
}

interface TestFixtures {
  client: Client;
  /** A page on which the owner is signed in. */
  ownerPage: Page;
}

/** A state folder of its own; the embedded Postgres runs as another user under root, who must pass through. */
export function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'ambit-e2e-'));
  chmodSync(home, 0o711);
  return home;
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  platform: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern to know what a fixture needs.
    async ({}, use) => {
      const home = newHome();
      const launch = launchPlatform({ AMBIT_HOME: home, AMBIT_PORT: '0' });
      try {
        await launch.ready;
        await use({ ...readAdmin(home), home, launch });
      } finally {
        await endLaunch(launch);
        rmSync(home, { recursive: true, force: true });
      }
    },
    { scope: 'worker', timeout: 600_000 },
  ],
  baseURL: async ({ platform }, use) => use(platform.url),
  client: async ({ platform }, use) => use(createClient(platform)),
  ownerPage: async ({ page, platform }, use) => {
    await new SignInPage(page).signIn(platform.email, platform.password);
    await use(page);
  },
});

export { expect } from '@playwright/test';
