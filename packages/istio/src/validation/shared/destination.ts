import type { Destination } from '../generated/types.ts';
import type { Report } from '../issue.ts';
import { isDnsLabel, wildcardHostProblem } from './host.ts';
import { show } from './json.ts';
import { portProblem } from './port.ts';

/** Where a route sends its requests. */
export function checkDestination(
  report: Report,
  path: string,
  destination: Destination | undefined,
): void {
  if (!destination) return;
  const { host = '', subset, port } = destination;
  report.need(
    `${path}.host`,
    host === '*' ? '"*" is no destination; name a host' : wildcardHostProblem(host),
  );
  if (subset && !isDnsLabel(subset)) {
    report.error(`${path}.subset`, `${show(subset)} is no name of a subset: a DNS label is needed`);
  }
  if (port) report.need(`${path}.port.number`, portProblem(port.number));
}

type Weighted = { destination?: Destination; weight?: number };

/** Destinations of one route and their weights. */
export function checkWeighted(
  report: Report,
  path: string,
  routes: Weighted[],
  isConverted = false,
): void {
  let total = 0;
  for (let index = 0; index < routes.length; index += 1) {
    const { destination, weight = 0 } = routes[index] as Weighted;
    const at = `${path}[${index}]`;
    if (!destination) report.error(at, 'a destination is needed');
    if (!isConverted) checkDestination(report, `${at}.destination`, destination);
    if (weight < 0) report.error(`${at}.weight`, `${weight} is negative`);
    total = (total + weight) | 0;
  }
  if (routes.length > 1 && total === 0) {
    report.error(path, 'the weights add up to 0, so no request would go anywhere');
  }
}
