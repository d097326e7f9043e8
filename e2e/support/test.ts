import { rmSync } from 'node:fs';
import { createClient, type Client } from '@ambit/client/sdk';
import {
  endLaunch,
  launchPlatform,
  newHome,
  readAdmin,
  type Admin,
  type Launch,
} from '@ambit/run/testing/launcher';
import { test as base, type Page } from '@playwright/test';
import { SignInPage } from '../pages/sign-in.ts';

interface Platform extends Admin {
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
