import { waypointOf } from '@ambit/lab/testing/workloads';
import { figure, quantile, type Figure } from '../figure.ts';
import { namespace, poolClasses, until, type Ground } from './ground.ts';

const rounds = 5;

/** From asking for a waypoint until istiod says Programmed: by Ambit, and by a Gateway applied beside it, in turns. */
export async function measureProgrammed(
  ground: Ground,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { client, meshId, lab, apply } = ground;
  const ours: number[] = [];
  const theirs: number[] = [];
  const gateway = (name: string) => `gateways.gateway.networking.k8s.io/${name} -n ${namespace}`;
  const programmed = async (name: string): Promise<number> => {
    const began = performance.now();
    await until(async () => {
      const text = await lab.kubectl.do(
        `get ${gateway(name)} --ignore-not-found -o jsonpath={.status.conditions[?(@.type=="Programmed")].status}`,
      );
      return text === 'True';
    });
    return (performance.now() - began) / 1000;
  };
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const began = performance.now();
    await work();
    return (performance.now() - began) / 1000;
  };
  for (let round = 0; round < rounds; round++) {
    const alone = `alone-${round}`;
    theirs.push(
      await seconds(async () => {
        await apply([waypointOf(namespace, alone)]);
        await programmed(alone);
      }),
    );
    await lab.kubectl.do(`delete ${gateway(alone)} --wait=true`);
    const name = `ours-${round}`;
    ours.push(
      await seconds(async () => {
        await client.waypoint.create({ meshId, namespace, name, pool: poolClasses[0] });
        await programmed(name);
      }),
    );
    await client.waypoint.delete({ meshId, namespace, name });
    say(
      `round ${round + 1}: a Gateway alone ${theirs.at(-1)!.toFixed(2)} s, through Ambit ${ours.at(-1)!.toFixed(2)} s`,
    );
  }
  return [figure('gateway_to_programmed_s', quantile(ours, 0.5), 's', quantile(theirs, 0.5))];
}

/**
 * From the moment a running pod is un-enrolled until Ambit says that it is not as wanted. The real istio-cni takes it out:
 * the pod is told to have a sidecar, which it has not, so it looks enrolled by its labels and is in no mesh.
 */
export async function measureDetection(
  { client, meshId, lab }: Ground,
  say: (line: string) => void,
): Promise<Figure[]> {
  await lab.kubectl.do(
    `annotate pod -n ${namespace} -l deployment=echo-v1 sidecar.istio.io/status=none`,
  );
  const found = await until(async () => {
    const { items } = await client.enrolment.list({
      meshId,
      level: 'workload',
      namespace,
      state: 'differs',
    });
    return items.some(({ name }) => name === 'echo-v1');
  }, 120);
  say(`an un-enrolled pod is seen after ${found.toFixed(1)} s`);
  return [figure('detect_unenrolled_s', found, 's')];
}
