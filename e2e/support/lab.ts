import { createClient, type Client } from '@ambit/client/sdk';
import { rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test as base } from '@playwright/test';
import { Kubectl, must, run } from './kubectl.ts';
import { endLaunch, launchPlatform, readAdmin, root, type Admin, type Launch } from './launcher.ts';
import { newHome } from './test.ts';

const name = process.env['AMBIT_LAB'] || `journey-${process.pid}`;
const insideAddress = 'http://10.200.0.1:4600';

/** A release catalogue entry, as far as the journeys read it. */
interface LabRelease {
  version: string;
  source: { istioctl: string };
}

export interface Lab {
  name: string;
  kubectl: Kubectl;
  releases: LabRelease[];
  /** Environment in which `kubectl` and `ambit` of a user speak to this lab. */
  userEnv: NodeJS.ProcessEnv;
}

export interface LabPlatform extends Admin {
  home: string;
  launch: Launch;
}

/** Runs a command of `npm run lab`. */
export const labCommand = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<string> =>
  must(process.execPath, ['infra/lab/src/cli.ts', ...args], {
    cwd: root,
    env: { AMBIT_LAB: name, ...env },
  });

/** Brings the lab up for a platform on this port, with the agent's image and the sample application. */
async function bringUp(port: number, catalogue: string): Promise<Lab> {
  await labCommand(['up'], { AMBIT_LAB_PLATFORM: `127.0.0.1:${port}` });
  await labCommand(['agent-image']);
  const kubeconfig = (await labCommand(['kubeconfig', '--path'])).trim();
  const releases = JSON.parse(await must('cat', [catalogue])) as LabRelease[];
  const bin = dirname(dirname(releases[0]!.source.istioctl));
  const kubernetes = (await must('ls', [bin]))
    .split('\n')
    .find((each) => each.startsWith('kubernetes-'));
  const userEnv = {
    KUBECONFIG: kubeconfig,
    PATH: [join(bin, kubernetes ?? ''), process.env['PATH']].join(delimiter),
  };
  return { name, kubectl: new Kubectl(userEnv), releases, userEnv };
}

export const test = base.extend<
  { client: Client },
  { labPlatform: LabPlatform; lab: Lab; catalogue: string }
>({
  catalogue: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the pattern to know what a fixture needs.
    async ({}, use) => {
      await use((await labCommand(['releases'])).trim());
    },
    // The first time, Kubernetes and Istio are built from their sources.
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
    async ({ labPlatform, catalogue }, use) => {
      try {
        const port = Number(new URL(labPlatform.url).port);
        await use(await bringUp(port, catalogue));
      } finally {
        if (!process.env['AMBIT_LAB_KEEP']) {
          await run(process.execPath, ['infra/lab/src/cli.ts', 'down'], {
            cwd: root,
            env: { AMBIT_LAB: name },
          });
        }
      }
    },
    { scope: 'worker', timeout: 30 * 60_000 },
  ],
  baseURL: async ({ labPlatform }, use) => use(labPlatform.url),
  client: async ({ labPlatform }, use) => use(createClient(labPlatform)),
});

export { expect } from '@playwright/test';
