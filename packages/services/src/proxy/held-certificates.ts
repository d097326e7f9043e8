import { isObject, objectsOf } from './json.ts';

/** A certificate that a proxy holds, as it tells it itself. */
interface HeldCertificate {
  use: 'workload' | 'trusted';
  /** SPIFFE ids and names that it is of. */
  names: string[];
  serial: string;
  /** ISO times; empty where the proxy tells none. */
  notBefore: string;
  notAfter: string;
  state: 'valid' | 'late' | 'expired' | 'notYetValid' | 'unknown';
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const time = (value: unknown): string => {
  const ms = Date.parse(text(value));
  return Number.isNaN(ms) ? '' : new Date(ms).toISOString();
};

/**
 * Proxies ask for a new certificate at half of its life (Istio's SECRET_GRACE_PERIOD_RATIO of 0.5): one of which less than
 * a quarter is left was not made anew.
 */
function stateOf(notBefore: string, notAfter: string, nowMs: number): HeldCertificate['state'] {
  const [from, until] = [Date.parse(notBefore), Date.parse(notAfter)];
  if (Number.isNaN(until)) return 'unknown';
  if (until <= nowMs) return 'expired';
  if (from > nowMs) return 'notYetValid';
  return until - nowMs < (until - from) / 4 ? 'late' : 'valid';
}

/** What Envoy answers on `/certs` (envoyproxy.io, "admin, GET /certs"): its own chain, and whom it trusts. Pure. */
export function envoyCertificates(answer: unknown, nowMs: number): HeldCertificate[] {
  if (!isObject(answer)) return [];
  const held = objectsOf(answer['certificates']).flatMap((each) =>
    (['cert_chain', 'ca_cert'] as const).flatMap((part) =>
      objectsOf(each[part]).map((one): HeldCertificate => {
        const notBefore = time(one['valid_from']);
        const notAfter = time(one['expiration_time']);
        const use = part === 'cert_chain' ? 'workload' : 'trusted';
        const state = stateOf(notBefore, notAfter, nowMs);
        return {
          use,
          names: objectsOf(one['subject_alt_names'])
            .map((name) => text(name['uri']) || text(name['dns']) || text(name['ip_address']))
            .filter(Boolean),
          serial: text(one['serial_number']),
          notBefore,
          notAfter,
          // Roots are not made anew by proxies.
          state: use === 'trusted' && state === 'late' ? 'valid' : state,
        };
      }),
    ),
  );
  return distinct(held);
}

/** The certificates in ztunnel's own config_dump, of each identity that it acts for on its node. Pure. */
export function ztunnelCertificates(dump: unknown, nowMs: number): HeldCertificate[] {
  if (!isObject(dump)) return [];
  return distinct(
    objectsOf(dump['certificates']).flatMap((each) => {
      const [leaf] = objectsOf(each['certChain']);
      if (!leaf) {
        const names = [text(each['identity'])].filter(Boolean);
        const none = { serial: '', notBefore: '', notAfter: '' };
        return names.length > 0
          ? [{ use: 'workload' as const, names, ...none, state: 'unknown' as const }]
          : [];
      }
      const notBefore = time(leaf['validFrom']);
      const notAfter = time(leaf['expirationTime']);
      return [
        {
          use: 'workload' as const,
          names: [text(each['identity'])].filter(Boolean),
          serial: text(leaf['serialNumber']),
          notBefore,
          notAfter,
          state: stateOf(notBefore, notAfter, nowMs),
        },
      ];
    }),
  );
}

const rank = { expired: 0, notYetValid: 1, late: 2, unknown: 3, valid: 4 };

/** Each once (every listener names the same ones), what is wrong first, then what ends first. */
function distinct(held: HeldCertificate[]): HeldCertificate[] {
  const byKey = new Map(
    held.map((one) => [`${one.use} ${one.serial} ${one.names.join()} ${one.notAfter}`, one]),
  );
  return [...byKey.values()].toSorted(
    (a, b) =>
      (a.use === b.use ? 0 : a.use === 'workload' ? -1 : 1) ||
      rank[a.state] - rank[b.state] ||
      (a.notAfter < b.notAfter ? -1 : a.notAfter > b.notAfter ? 1 : 0),
  );
}
