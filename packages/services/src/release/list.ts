import { releaseList } from '@ambit/contracts/operations/release';
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
      source: 'url' in release.source ? release.source.url : 'a binary on the platform',
      meshes: meshes.find((row) => row.release === release.version)?._count ?? 0,
    })),
    nextCursor: null,
  };
});
