import { memoryStore } from '@ambit/agent/link/credentials';
import { linkHttp } from '@ambit/agent/link/http';
import { openSession, type Session } from '@ambit/agent/link/session';
import { clusterJoin } from '@ambit/contracts/operations/cluster';
import type { Tenant } from '@ambit/services/testing/tenant';

export interface JoinedAgent {
  session: Session;
  clusterId: string;
}

/** The link of a real agent, joined as a new cluster, and no cluster behind it. */
export async function joinAgent(
  tenant: Tenant,
  url: string,
  name: string,
  signal: AbortSignal,
): Promise<JoinedAgent> {
  const { cluster, join } = await tenant.callAs('operator', clusterJoin, { name });
  const session = await openSession(
    {
      http: linkHttp(url),
      store: memoryStore(),
      joinToken: join.token,
      describe: async () => ({
        clusterUid: crypto.randomUUID(),
        kubernetesVersion: 'v1.34.4',
        agentVersion: 'test',
      }),
      say: () => {},
    },
    signal,
  );
  return { session, clusterId: cluster.id };
}
