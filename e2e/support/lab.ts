import { createClient, type Client } from '@ambit/client/sdk';
import {
  endLaunch,
  launchPlatform,
  newHome,
  readAdmin,
  type Admin,
  type Launch,
} from '@ambit/run/testing/launcher';
import {
  bringLabUp,
  insideAddress,
  labCatalogue,
  takeLabDown,
  type Lab,
} from '@ambit/run/testing/lab';
import { test as base } from '@playwright/test';
import { rmSync } from 'node:fs';
import type { Ground } from './ground.ts';
import { labGround } from './lab-ground.ts';

export type { Lab };

/** The first worker's is the one that was named; others stand beside it. */
const nameFor = (worker: number): string =>
  `${process.env['AMBIT_LAB'] || `journey-${process.pid}`}${worker === 0 ? '' : `-${worker}`}`;

export interface LabPlatform extends Admin {
  home: string;
  launch: Launch;
}

export const test = base.extend<
  { client: Client; account: void },
  { labPlatform: LabPlatform; lab: Lab; catalogue: string; ground: Ground }
>({
  catalogue: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern to know what a fixture needs.
    async ({}, use) => {
      await use(await labCatalogue());
    },
    { scope: 'worker', timeout: 60 * 60_000 },
  ],
  labPlatform: [
    async ({ catalogue }, use) => {
      const home = newHome();
      const launch = launchPlatform({
        AMBIT_HOME: home,
        AMBIT_PORT: '0',
        AMBIT_RELEASES: catalogue,
        AMBIT_AGENT_URL: insideAddress,
      });
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
  lab: [
    async ({ labPlatform, catalogue }, use, { parallelIndex }) => {
      const name = nameFor(parallelIndex);
      try {
        const port = Number(new URL(labPlatform.url).port);
        await use(await bringLabUp(name, port, catalogue));
      } finally {
        if (!process.env['AMBIT_LAB_KEEP']) await takeLabDown(name);
      }
    },
    { scope: 'worker', timeout: 30 * 60_000 },
  ],
  ground: [
    async ({ lab, labPlatform }, use) => use(labGround(lab, labPlatform)),
    { scope: 'worker' },
  ],
  baseURL: async ({ labPlatform }, use) => use(labPlatform.url),
  client: async ({ labPlatform }, use) => use(createClient(labPlatform)),
  account: [
    async ({ client }, use, info) => {
      await use();
      if (info.status !== info.expectedStatus) await printAccount(client);
    },
    { auto: true },
  ],
});

/** What the platform knows of its operations, for those who read why a journey failed. */
async function printAccount(client: Client): Promise<void> {
  const { items } = await client.operation.list({});
  for (const { id, type, state } of items) {
    const [{ steps }, logs] = await Promise.all([
      client.operation.get({ operationId: id }),
      client.operation.logs({ operationId: id }),
    ]);
    console.log(`${id} ${type} ${state}`);
    for (const step of steps) console.log(`  ${step.name} ${step.state} ${step.message}`);
    for (const line of logs.items.slice(-30)) {
      console.log(`  ${line.at} ${line.step} ${line.cluster} ${line.level} ${line.text}`);
    }
  }
}

export { expect } from '@playwright/test';
