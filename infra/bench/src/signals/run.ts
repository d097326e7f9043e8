import { loadavg } from 'node:os';
import { openCaller, type Caller } from '@ambit/lab/testing/caller';
import { waypointOf } from '@ambit/lab/testing/workloads';
import { figure, type Figure } from '../figure.ts';
import { namespace, onGround, type Ground } from '../waypoint/ground.ts';
import { measureAlert, type Harm } from './alert.ts';
import {
  abort,
  accessLogs,
  counted,
  harmed,
  harmedBy,
  hurt,
  sidecarObjects,
  sidecars,
  urlOf,
  waypoint,
  waypointServices,
} from './objects.ts';
import { connectPrometheus } from './prometheus.ts';
import { compareRates, type Compared } from './rates.ts';

/**
 * On a lab: the graph's rates beside a client's own count, through sidecars and through a waypoint, and a failure until an
 * alert of it is told and told to be over. First with what the agent reads of proxies, then with a real Prometheus.
 */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  onShop(say, async (shop) => [
    ...(await measureAgent(shop, say)),
    ...(await measurePrometheus(shop, say)),
  ]);

/** The second half alone. */
export const runPrometheus = (say: (line: string) => void): Promise<Figure[]> =>
  onShop(say, (shop) => measurePrometheus(shop, say));

interface Shop {
  ground: Ground;
  /** A client with a sidecar. */
  other: Caller;
}

const onShop = <T>(say: (line: string) => void, work: (shop: Shop) => Promise<T>): Promise<T> =>
  onGround(
    say,
    async (ground) => {
      const { apply, lab } = ground;
      await apply([...sidecarObjects, ...waypointServices]);
      await apply([waypointOf(namespace, waypoint), ...accessLogs]);
      await lab.kubectl.do(
        `wait -n ${namespace} gateways.gateway.networking.k8s.io/${waypoint} --for=condition=Programmed --timeout=180s`,
      );
      await lab.kubectl.do(
        `wait -n ${sidecars} --for=condition=Available deployment --all --timeout=180s`,
      );
      say('sidecars and a waypoint are there, with access logs');
      const other = await openCaller(lab.userEnv, sidecars, 'client');
      try {
        return await work({ ground, other });
      } finally {
        other.close();
      }
    },
    { AMBIT_ALERT_ALLOW: '127.0.0.0/8' },
  );

/** A fault that the waypoint injects: access logs tell of it, Envoy's own counters do not. */
function measureAgent({ ground, other }: Shop, say: (line: string) => void): Promise<Figure[]> {
  const { caller, apply, lab } = ground;
  const harm: Harm = {
    caller,
    namespace,
    service: hurt,
    begin: () => apply([abort]),
    end: async () => {
      await lab.kubectl.do(
        `delete virtualservices.networking.istio.io/${abort.metadata.name} -n ${namespace}`,
      );
    },
  };
  const compared = [
    { caller, namespace },
    { caller: other, namespace: sidecars },
  ];
  return measure(ground, harm, compared, '', say);
}

/** A server that fails: its client's sidecar counts that, and no proxy here has Istio's metrics. */
async function measurePrometheus(
  { ground, other }: Shop,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { caller, apply } = ground;
  // Envoy has no counter of a service before its first request.
  await caller.send({ url: urlOf(namespace, counted) }, 5);
  await other.send({ url: urlOf(sidecars, counted) }, 5);
  await connectPrometheus(ground, say);
  const harm: Harm = {
    caller: other,
    namespace: sidecars,
    service: harmed,
    from: `/${sidecars}/client`,
    begin: () => apply([harmedBy('broken')]),
    end: () => apply([harmedBy('echo')]),
  };
  const compared = [
    { caller, namespace, isNamed: false },
    { caller: other, namespace: sidecars },
  ];
  return measure(ground, harm, compared, '_prometheus', say);
}

async function measure(
  ground: Ground,
  harm: Harm,
  compared: readonly Compared[],
  suffix: string,
  say: (line: string) => void,
): Promise<Figure[]> {
  const [alert, ...apart] = await Promise.all([
    measureAlert(ground, harm, say),
    ...compared.map((each) => compareRates(ground, each, say)),
  ]);
  say(`machine's load ${loadavg()[0]!.toFixed(1)}`);
  const worst = (of: 'ratePercent' | 'errorSharePercent'): number =>
    Math.max(...apart.map((each) => each[of]));
  return [
    figure(`rate_error_percent${suffix}`, worst('ratePercent'), '%'),
    figure(`error_share_error_percent${suffix}`, worst('errorSharePercent'), '%'),
    figure(`alert_delay_s${suffix}`, alert.delayS, 's'),
    figure(`alert_resolve_s${suffix}`, alert.resolveS, 's'),
  ];
}
