import { releaseCatalogueSchema, type Release } from '@ambit/contracts/release';
import { brokenVersion, sandboxVersions } from './versions.ts';

export const simulationChannel = 'simulation';

const release = (version: string, more: object = {}) => ({
  version,
  channel: simulationChannel,
  kubernetes: { min: '1.34', max: '1.34' },
  endOfLife: '2099-12-31',
  source: { sandbox: version },
  ...more,
});

/** Releases of the sandbox: simulated, so that upgrades and a rollback can be tried without Istio. */
export const sandboxReleases: Release[] = releaseCatalogueSchema.parse([
  ...sandboxVersions.map((version) => release(version)),
  release(brokenVersion, {
    patches: [
      {
        name: 'control-plane-never-starts',
        reason: 'Broken on purpose: no image of this tag "exists", so that a rollback can be seen.',
      },
    ],
  }),
]);
