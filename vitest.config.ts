import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import LongestFirst from './infra/run/src/testing/longest-first.ts';
import { cachePaths } from './infra/lab/src/paths.ts';
import { helmVersion, istioStamps } from './infra/lab/src/versions.ts';

/** Properties are tried on the same cases each time; AMBIT_TEST_SEED explores others. */
const setupFiles = ['infra/run/src/testing/property-seed.ts'];

/** For what runs programs: on a busy machine all of it takes long, and only what hangs reaches these limits. */
const patience = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 60_000 } },
};

const exclude = ['**/node_modules/**', '**/dist/**', '**/.next/**', 'e2e/**'];

/** Where the lab keeps its programs; a lab that cannot be says so itself, when its part is asked for. */
function labPrograms(): string {
  try {
    return cachePaths().bin;
  } catch {
    return '';
  }
}
const bin = labPrograms();

/**
 * unit: pure and fast. integration: a real Postgres (packages/db/src/testing). lab: programs that the lab builds,
 * against the API process on a real Postgres, and beside a real kube-apiserver.
 */
export default defineConfig({
  test: {
    // The default leaves one of two processors idle.
    maxWorkers: Math.max(2, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          setupFiles,
          // They change nothing of the process they run in; loading modules for each anew takes as long as all of them.
          isolate: false,
          include: ['{apps,packages,infra}/**/*.test.{ts,tsx}'],
          exclude: [...exclude, '**/*.{integration,lab}.test.ts'],
          testTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          name: 'integration',
          setupFiles,
          // Much of what they do is waiting for programs.
          maxWorkers: Math.max(2, availableParallelism()) + 1,
          sequence: { groupOrder: 1 },
          include: ['{apps,packages}/**/*.integration.test.ts'],
          exclude,
          globalSetup: ['packages/db/src/testing/global-setup.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'lab',
          setupFiles,
          include: ['{apps,packages}/**/*.lab.test.ts'],
          exclude,
          globalSetup: [
            'infra/lab/src/testing/global-setup.ts',
            'infra/bench/src/analysis/global-setup.ts',
            'packages/db/src/testing/global-setup.ts',
          ],
          env: {
            KUBE_API_PEER: bin,
            KUBE_API_ISTIOD: join(bin, `istio-${istioStamps[0]}`, 'pilot-discovery'),
            KUBE_API_HELM: join(bin, `helm-${helmVersion}`, 'helm'),
          },
          ...patience,
        },
      },
    ],
  },
});
