import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { inTenant } from '@ambit/db/database';
import type { Agent } from '../agent-link/credential.ts';
import { integrationsOf } from '../integration/rows.ts';
import type { Platform } from '../kernel/context.ts';

/**
 * Whether the agent of a cluster reads the metrics of proxies itself: its mesh says so, by default, and no Prometheus is
 * asked for the cluster.
 */
export async function wantsScrape(platform: Platform, agent: Agent): Promise<boolean> {
  return inTenant(platform.db, agent.organisationId, async (tx) => {
    const member = await tx.meshCluster.findUnique({
      where: { clusterId: agent.clusterId },
      select: { meshId: true, mesh: { select: { options: true } } },
    });
    if (!member) return false;
    const options = meshOptionsSchema.safeParse(member.mesh.options);
    if (!options.success || options.data.telemetry !== 'agent') return false;
    const asked = await integrationsOf(tx, member.meshId, ['prometheus']);
    return !asked.some(({ clusterId }) => clusterId === null || clusterId === agent.clusterId);
  });
}
