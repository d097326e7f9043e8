import type { ProxyAdmin } from '@ambit/contracts/agent/telemetry';
import { z } from 'zod';

type Certificates = ProxyAdmin['certificates'];

const most = 2_000;

/** Envoy's `/certs` (envoyproxy.io, "admin, GET /certs"): of each pair the first of the chain is the proxy's own. */
const envoySchema = z.looseObject({
  certificates: z.array(
    z.looseObject({
      cert_chain: z
        .array(
          z.looseObject({
            subject_alt_names: z.array(z.looseObject({ uri: z.string().optional() })).optional(),
            expiration_time: z.string().optional(),
          }),
        )
        .optional(),
    }),
  ),
});

/** @throws ZodError for what is no answer of `/certs` */
export function certificatesOfEnvoy(body: unknown): Certificates {
  const found = new Map<string, number | null>();
  for (const { cert_chain: chain = [] } of envoySchema.parse(body).certificates) {
    const [own] = chain;
    for (const { uri } of own?.subject_alt_names ?? []) {
      if (uri) found.set(uri, latest(found.get(uri), own?.expiration_time));
    }
  }
  return listOf(found);
}

/** ztunnel's `/config_dump`, in the shape that `istioctl ztunnel-config` reads; keys and roots are left aside. */
const ztunnelSchema = z.looseObject({
  certificates: z
    .array(
      z.looseObject({
        identity: z.string(),
        certChain: z.array(z.looseObject({ expirationTime: z.string().optional() })).optional(),
      }),
    )
    .optional(),
  workloadState: z
    .record(
      z.string(),
      z.looseObject({
        state: z.string().optional(),
        info: z.looseObject({ name: z.string(), namespace: z.string() }).optional(),
      }),
    )
    .optional(),
});

/**
 * Certificates that a ztunnel has, and the pods whose traffic it carries: those it opened listeners in.
 * @returns `carries` null for a ztunnel that does not tell (before Istio 1.23)
 * @throws ZodError for what is no dump of a ztunnel
 */
export function holdingsOfZtunnel(body: unknown): Pick<ProxyAdmin, 'certificates' | 'carries'> {
  const { certificates = [], workloadState } = ztunnelSchema.parse(body);
  const found = new Map<string, number | null>();
  for (const { identity, certChain = [] } of certificates) {
    found.set(identity, latest(found.get(identity), certChain[0]?.expirationTime));
  }
  const carries = Object.values(workloadState ?? {}).flatMap(({ state, info }) =>
    info && state !== 'Draining' ? [`${info.namespace}/${info.name}`] : [],
  );
  return {
    certificates: listOf(found),
    carries: workloadState ? [...new Set(carries)].sort().slice(0, most) : null,
  };
}

/** While one certificate takes over from another there are two: the one that holds longer. */
function latest(known: number | null | undefined, time: string | undefined): number | null {
  const at = Date.parse(time ?? '');
  if (!Number.isFinite(at)) return known ?? null;
  return Math.max(at, known ?? at);
}

const listOf = (found: ReadonlyMap<string, number | null>): Certificates =>
  [...found]
    .map(([identity, expiresAt]) => ({ identity, expiresAt }))
    .sort((a, b) => (a.identity < b.identity ? -1 : 1))
    .slice(0, most);
