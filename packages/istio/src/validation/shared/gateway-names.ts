import type { Report } from '../issue.ts';
import { fqdnProblem, isDnsLabel } from './host.ts';
import { show } from './json.ts';

/** Gateways a route is bound to: `namespace/name`, a name, or the old `name.namespace.svc…` form. */
export function checkGatewayNames(
  report: Report,
  path: string,
  names: string[] | undefined,
  isConverted = false,
): void {
  for (const [index, name] of (names ?? []).entries()) {
    const at = `${path}[${index}]`;
    const slash = name.indexOf('/');
    if (slash < 0) {
      if (name.includes('.')) {
        const [gateway, namespace] = name.split('.');
        report.warn(
          at,
          `the old form of a gateway's name; write ${show(`${namespace}/${gateway}`)}`,
        );
      }
      report.need(at, fqdnProblem(name));
      return;
    }
    const [namespace, gateway] = [name.slice(0, slash), name.slice(slash + 1)];
    const isValid =
      isDnsLabel(namespace) && (isDnsLabel(gateway) || (isConverted && gateway !== ''));
    if (!isValid)
      report.error(at, `${show(name)} is no gateway: write namespace/name in DNS labels`);
  }
}
