import { loadavg } from 'node:os';
import { openCaller } from '@ambit/lab/testing/caller';
import { waypointOf } from '@ambit/lab/testing/workloads';
import { figure, type Figure } from '../figure.ts';
import { namespace, onGround, type Ground } from '../waypoint/ground.ts';
import { measureAlert } from './alert.ts';
import { accessLogs, sidecarObjects, sidecars, waypoint, waypointServices } from './objects.ts';
import { compareRates } from './rates.ts';

/**
 * On a lab whose proxies only the agent reads: the graph's rates beside a client's own count, through sidecars and through
 * a waypoint, and an injected fault until an alert of it is told and told to be over.
 */
export const run = (say: (line: string) => void): Promise<Figure[]> =>
  onGround(say, (ground) => measure(ground, say), { AMBIT_ALERT_ALLOW: '127.0.0.0/8' });

async function measure(ground: Ground, say: (line: string) => void): Promise<Figure[]> {
  const { apply, caller, lab } = ground;
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
    const [alert, ...apart] = await Promise.all([
      measureAlert(ground, say),
      compareRates(ground, caller, namespace, say),
      compareRates(ground, other, sidecars, say),
    ]);
    say(`machine's load ${loadavg()[0]!.toFixed(1)}`);
    const worst = (of: 'ratePercent' | 'errorSharePercent'): number =>
      Math.max(...apart.map((each) => each[of]));
    return [
      figure('rate_error_percent', worst('ratePercent'), '%'),
      figure('error_share_error_percent', worst('errorSharePercent'), '%'),
      figure('alert_delay_s', alert.delayS, 's'),
      figure('alert_resolve_s', alert.resolveS, 's'),
    ];
  } finally {
    other.close();
  }
}
