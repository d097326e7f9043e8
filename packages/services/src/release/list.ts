import { releaseList } from '@ambit/contracts/operations/release';
import type { Release } from '@ambit/contracts/release';
import { isSupported, newestFirst } from '@ambit/istio/releases/catalogue';
import { implement } from '../kernel/implement.ts';

export const listReleases = implement(releaseList, async ({ tx, now, platform }) => {
  const meshes = await tx.mesh.groupBy({ by: ['release'], _count: true });
  return {
    items: newestFirst(platform.releases).map((release) => ({
      version: release.version,
      channel: release.channel,
      kubernetes: release.kubernetes,
      endOfLife: release.endOfLife,
      supported: isSupported(release, now),
      patches: release.patches.map(({ name, reason }) => ({ name, reason })),
      source: sourceInWords(release.source),
      meshes: meshes.find((row) => row.release === release.version)?._count ?? 0,
    })),
    nextCursor: null,
  };
});

function sourceInWords(source: Release['source']): string {
  if ('url' in source) return source.url;
  return 'sandbox' in source ? 'simulated, for the sandbox' : 'a binary on the platform';
}
