import { defineRule } from '../../rule.ts';
import { doc, negative, positive, sameInAmbient } from '../shared/example.ts';

const milli = 1_000_000n;

const text = (nanoseconds: bigint): string => {
  const ms = nanoseconds / milli;
  return ms % 1000n === 0n ? `${ms / 1000n} s` : `${ms} ms`;
};

const web = (settings: string): string =>
  doc(
    'VirtualService shop/web',
    `spec: {hosts: [web], http: [{route: [{destination: {host: web}}], ${settings}}]}`,
  );

export const retriesWithoutTime = defineRule({
  id: 'AMB0015/virtual-service',
  code: 'AMB0015',
  severity: 'warning',
  title: 'Retries that the timeout leaves no time for',
  explanation:
    'The `timeout` of a route is for the request with all its retries. Where one try may take as long (`perTryTimeout`), the first slow try uses all of it up and no retry follows; where the tries together take longer, the last ones never happen.',
  howToFix: 'Make `timeout` at least (attempts + 1) × perTryTimeout, or give each try less time.',
  cause: 'The timeout of the route ends before the retries.',
  consequence: 'Slow requests fail with 504 without the retries that are configured.',
  kinds: ['VirtualService'],
  reads: [],
  check: (subject, _view, report) => {
    for (const [index, { timeout, retries }] of (subject.spec.http ?? []).entries()) {
      const attempts = BigInt(retries?.attempts ?? 0);
      const perTry = retries?.perTryTimeout;
      if (!timeout || !perTry || attempts <= 0n) continue;
      const path = ['spec', 'http', index, 'retries'];
      if (perTry >= timeout) {
        report({
          message: `A try may take ${text(perTry)}, and the request with all retries ${text(timeout)}: no retry ever follows a slow try`,
          path: [...path, 'perTryTimeout'],
        });
      } else if (perTry * (attempts + 1n) > timeout) {
        const fit = (timeout + perTry - 1n) / perTry - 1n;
        report({
          message: `${attempts} retries of ${text(perTry)} do not fit into ${text(timeout)}: at most ${fit} follow slow tries`,
          path: [...path, 'attempts'],
          severity: 'info',
          consequence: 'The last retries never happen when tries are slow.',
        });
      }
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'one try takes all the time',
      web('timeout: 2s, retries: {attempts: 3, perTryTimeout: 2s}'),
      ['VirtualService shop/web spec.http[0].retries.perTryTimeout'],
    ),
    positive('two of three fit', web('timeout: 3s, retries: {attempts: 5, perTryTimeout: 1s}'), [
      'VirtualService shop/web spec.http[0].retries.attempts',
    ]),
    negative('they fit', web('timeout: 8s, retries: {attempts: 3, perTryTimeout: 2s}')),
    negative('no timeout', web('retries: {attempts: 3, perTryTimeout: 2s}')),
  ]),
});

const units: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Milliseconds of a duration of Gateway API (GEP-2257): `1m30s`. */
function milliseconds(duration: string | undefined): number | undefined {
  if (duration === undefined || !/^(?:\d{1,5}(?:h|ms|m|s)){1,4}$/.test(duration)) return undefined;
  let sum = 0;
  for (const [, count, unit = ''] of duration.matchAll(/(\d+)(h|ms|m|s)/g)) {
    sum += Number(count) * (units[unit] ?? 0);
  }
  return sum;
}

const route = (rule: string): string =>
  doc(
    'HTTPRoute shop/web',
    `spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 80}], ${rule}}]}`,
  );

export const routeRetriesWithoutTime = defineRule({
  id: 'AMB0015/http-route',
  code: 'AMB0015',
  severity: 'warning',
  title: 'Retries that the timeout leaves no time for',
  explanation:
    '`timeouts.request` of an HTTPRoute is for the request with all its retries, `timeouts.backendRequest` for one try. Where the second is not shorter, the first slow try uses all the time up and no retry follows.',
  howToFix: 'Make `backendRequest` shorter, or `request` longer.',
  cause: 'The timeout of the request ends with the first try.',
  consequence: 'Slow requests fail with 504 without the retries that are configured.',
  kinds: ['HTTPRoute', 'GRPCRoute'],
  reads: [],
  check: (subject, _view, report) => {
    for (const [index, { timeouts, retry }] of (subject.spec.rules ?? []).entries()) {
      const request = milliseconds(timeouts?.request);
      const perTry = milliseconds(timeouts?.backendRequest);
      if (!request || !perTry || (retry?.attempts ?? 0) <= 0 || perTry < request) continue;
      report({
        message: `A try may take ${timeouts?.backendRequest}, and the request with all retries ${timeouts?.request}: no retry ever follows a slow try`,
        path: ['spec', 'rules', index, 'timeouts', 'backendRequest'],
      });
    }
  },
  examples: sameInAmbient('shop', [
    positive(
      'both are the same',
      route('timeouts: {request: 2s, backendRequest: 2s}, retry: {attempts: 3}'),
      ['HTTPRoute shop/web spec.rules[0].timeouts.backendRequest'],
    ),
    negative(
      'a shorter try',
      route('timeouts: {request: 2s, backendRequest: 500ms}, retry: {attempts: 3}'),
    ),
  ]),
});
