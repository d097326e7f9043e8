import type { Pod } from '../objects.ts';

/** Istio's own times: a workload's certificate holds for a day and is made anew at half of it. */
const lifeMs = 24 * 3_600_000;
const renewMs = lifeMs / 2;

export const identityOf = ({ metadata, spec }: Pod): string =>
  `spiffe://cluster.local/ns/${metadata.namespace}/sa/${spec.serviceAccountName ?? 'default'}`;

export interface SimulatedCertificate {
  identity: string;
  serial: string;
  fromMs: number;
  untilMs: number;
}

/** The certificate a pod's proxy would have now; by a fault it ended at `expiredSince` and was not made anew. */
export function certificateOf(
  pod: Pod,
  nowMs: number,
  expiredSince: string | undefined,
): SimulatedCertificate {
  const beganMs = Date.parse(pod.status?.startTime ?? pod.metadata.creationTimestamp);
  const renewals = Math.max(0, Math.floor((nowMs - beganMs) / renewMs));
  const fromMs = beganMs + renewals * renewMs;
  const untilMs = expiredSince === undefined ? fromMs + lifeMs : Date.parse(expiredSince);
  const serial =
    BigInt(`0x${pod.metadata.uid.replaceAll('-', '').slice(0, 24)}`) + BigInt(renewals);
  return { identity: identityOf(pod), serial: String(serial), fromMs, untilMs };
}

/** What Envoy answers on `/certs` (envoyproxy.io, "admin, GET /certs"), without the root. */
export function envoyCertificates(certificate: SimulatedCertificate, nowMs: number): object {
  const { identity, serial, fromMs, untilMs } = certificate;
  const days = Math.max(0, Math.floor((untilMs - nowMs) / 86_400_000));
  return {
    certificates: [
      {
        ca_cert: [],
        cert_chain: [
          {
            path: '<inline>',
            serial_number: serial,
            subject_alt_names: [{ uri: identity }],
            days_until_expiration: String(days),
            valid_from: new Date(fromMs).toISOString(),
            expiration_time: new Date(untilMs).toISOString(),
          },
        ],
      },
    ],
  };
}
