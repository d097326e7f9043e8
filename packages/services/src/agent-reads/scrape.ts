import { meshOptionsSchema } from '@ambit/contracts/mesh-options';
import { inTenant } from '@ambit/db/database';
import type { Agent } from '../agent-link/credential.ts';
import type { Platform } from '../kernel/context.ts';

/** Whether the agent of a cluster reads the metrics of proxies itself: its mesh says so, by default. */
export async function wantsScrape(platform: Platform, agent: Agent): Promise<boolean> {
  const member = await inTenant(platform.db, agent.organisationId, (tx) =>
    tx.meshCluster.findUnique({
      where: { clusterId: agent.clusterId },
      select: { mesh: { select: { options: true } } },
    }),
  );
  if (!member) return false;
  const options = meshOptionsSchema.safeParse(member.mesh.options);
  return options.success && options.data.telemetry === 'agent';
}
