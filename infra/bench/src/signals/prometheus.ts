import { prometheusAddress, prometheusObjects } from '@ambit/lab/testing/prometheus';
import { until, type Ground } from '../waypoint/ground.ts';

const namespace = 'monitoring';
const scrapeS = 10;

/**
 * A real Prometheus in the lab that scrapes the real proxies, connected as a user does: an Integration that is asked
 * through the cluster's agent, and whose test has to succeed. Resolves when the graph is made of what it tells alone.
 */
export async function connectPrometheus(
  { client, clusterId, meshId, lab, apply }: Ground,
  say: (line: string) => void,
): Promise<void> {
  await lab.command(['prometheus-image']);
  await apply(prometheusObjects(namespace, scrapeS));
  await lab.kubectl.do(
    `wait -n ${namespace} --for=condition=Available deployment --all --timeout=180s`,
  );
  const { id: integrationId } = await client.integration.create({
    kind: 'prometheus',
    name: 'the lab',
    clusterId,
    address: prometheusAddress(namespace),
    reach: 'agent',
  });
  let told = '';
  await until(async () => {
    const { outcome, checks } = await client.integration.test({ integrationId });
    told = checks.map(({ outcome: each, message }) => `${each}: ${message}`).join(' ');
    return outcome === 'ok';
  }, 120).catch((error: unknown) => {
    throw new Error(`the test of the Integration says "${told}"`, { cause: error });
  });
  say(`a Prometheus is connected: ${told}`);
  await until(async () => {
    const { sources } = await client.topology.get({ meshId });
    return sources.length === 1 && sources[0]!.kind === 'prometheus' && sources[0]!.state === 'ok';
  }, 60);
}
