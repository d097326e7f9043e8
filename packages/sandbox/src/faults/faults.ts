import { randomUUID } from 'node:crypto';
import { sandboxFaultKinds } from '@ambit/contracts/sandbox';
import { z } from 'zod';
import { ingressTarget, type IngressState } from './ingress.ts';

export const faultRequestSchema = z.object({
  kind: z.enum(sandboxFaultKinds),
  /** `namespace/name` of a pod, a service account or a Service, the name of a node; not needed for the link and the ingress. */
  target: z.string().default(''),
});
export type FaultRequest = z.infer<typeof faultRequestSchema>;

export interface Fault {
  id: string;
  kind:
    | 'break-node'
    | 'drop-link'
    | 'expire-certificate'
    | 'expire-ingress'
    | 'age-ingress'
    | 'slow-service'
    | 'fail-service'
    | 'miss-pod'
    | 'stop-cni';
  target: string;
  since: string;
  /** What was simulated, in words. */
  message: string;
}

/** What a fault does to the sandbox. A method that answers a text refuses, with the reason. */
export interface FaultEffects {
  crashPod(target: string): string | null;
  nodeChanged(name: string): string | null;
  linkDropped(isDropped: boolean): string | null;
  workloadExists(target: string): string | null;
  serviceExists(target: string): string | null;
  /** The CNI looks at the pod again. */
  podMissed(target: string): string | null;
  /** null: there is no such certificate any more. */
  ingressCertificate(state: IngressState | null): string | null;
  /** The kubelet looks at the CNI of the node again. */
  cniStopped(node: string): string | null;
}

export interface Faults {
  active(): Fault[];
  isBroken(node: string): boolean;
  /** Identities, `namespace/service account`, whose certificate counts as expired. */
  isExpired(target: string): boolean;
  expiredSince(target: string): string | undefined;
  /** Services, `namespace/name`, that answer late, and those that answer half of the requests with an error. */
  isSlow(service: string): boolean;
  isFailing(service: string): boolean;
  /** Pods, `namespace/name`, that the CNI fails to redirect. */
  isMissed(pod: string): boolean;
  /** Nodes whose CNI is down: its pod stays, and is not ready. */
  isCniDown(node: string): boolean;
  /** The pod of the CNI of this node is gone: another one takes its place, and works. */
  cniGone(node: string): void;
  /** The pod is gone, or its CNI began anew and looks at every pod again. */
  found(pod: string): void;
  /** @returns why it cannot be done, or null */
  inject(request: FaultRequest, effects: FaultEffects, now: Date): string | null;
}

/** Remembers which faults are active. Everything starts whole. */
export function createFaults(): Faults {
  const faults = new Map<string, Fault>();
  const keyOf = (kind: string, target: string): string => `${kind} ${target}`;

  const begin = (kind: Fault['kind'], target: string, message: string, now: Date): void => {
    const key = keyOf(kind, target);
    if (faults.has(key)) return;
    faults.set(key, { id: randomUUID(), kind, target, since: now.toISOString(), message });
  };
  /** Tries the effect with the new state, and takes the state back when it is refused. */
  const attempt = (change: () => void, effect: () => string | null): string | null => {
    const before = new Map(faults);
    change();
    const refusal = effect();
    if (refusal !== null) {
      faults.clear();
      for (const [key, fault] of before) faults.set(key, fault);
    }
    return refusal;
  };

  return {
    active: () => [...faults.values()],
    isBroken: (node) => faults.has(keyOf('break-node', node)),
    isExpired: (target) => faults.has(keyOf('expire-certificate', target)),
    expiredSince: (target) => faults.get(keyOf('expire-certificate', target))?.since,
    isSlow: (service) => faults.has(keyOf('slow-service', service)),
    isFailing: (service) => faults.has(keyOf('fail-service', service)),
    isMissed: (pod) => faults.has(keyOf('miss-pod', pod)),
    isCniDown: (node) => faults.has(keyOf('stop-cni', node)),
    cniGone: (node) => void faults.delete(keyOf('stop-cni', node)),
    found: (pod) => void faults.delete(keyOf('miss-pod', pod)),
    inject: ({ kind, target }, effects, now) => {
      switch (kind) {
        case 'crash-pod':
          return effects.crashPod(target);
        case 'break-node':
          return attempt(
            () => begin(kind, target, `node ${target} does nothing and says nothing`, now),
            () => effects.nodeChanged(target),
          );
        case 'heal-node':
          return attempt(
            () => faults.delete(keyOf('break-node', target)),
            () => effects.nodeChanged(target),
          );
        case 'drop-link':
          return attempt(
            () => begin(kind, '', 'the agent does not reach the platform', now),
            () => effects.linkDropped(true),
          );
        case 'restore-link':
          return attempt(
            () => faults.delete(keyOf('drop-link', '')),
            () => effects.linkDropped(false),
          );
        case 'expire-certificate':
          return attempt(
            () => begin(kind, target, `the certificate of ${target} counts as expired`, now),
            () => effects.workloadExists(target),
          );
        case 'renew-certificate':
          faults.delete(keyOf('expire-certificate', target));
          return null;
        case 'expire-ingress':
        case 'age-ingress': {
          const [state, other, words] =
            kind === 'expire-ingress'
              ? (['expired', 'age-ingress', 'ended yesterday'] as const)
              : (['expiring', 'expire-ingress', 'ends in ten days'] as const);
          if (faults.has(keyOf(kind, ingressTarget))) return null;
          return attempt(
            () => {
              faults.delete(keyOf(other, ingressTarget));
              const message = `the certificate of Gateway ${ingressTarget}, made for this, ${words}`;
              begin(kind, ingressTarget, message, now);
            },
            () => effects.ingressCertificate(state),
          );
        }
        case 'renew-ingress':
          faults.delete(keyOf('expire-ingress', ingressTarget));
          faults.delete(keyOf('age-ingress', ingressTarget));
          return effects.ingressCertificate(null);
        case 'slow-service':
          return attempt(
            () => begin(kind, target, `service ${target} takes two seconds longer`, now),
            () => effects.serviceExists(target),
          );
        case 'fail-service':
          return attempt(
            () => begin(kind, target, `service ${target} fails half of its requests`, now),
            () => effects.serviceExists(target),
          );
        case 'miss-pod':
          return attempt(
            () => begin(kind, target, `the CNI does not redirect pod ${target}`, now),
            () => effects.podMissed(target),
          );
        case 'stop-cni':
          return attempt(
            () => begin(kind, target, `the CNI of node ${target} is down`, now),
            () => effects.cniStopped(target),
          );
        case 'mend-cni':
          if (!target.includes('/')) {
            return attempt(
              () => faults.delete(keyOf('stop-cni', target)),
              () => effects.cniStopped(target),
            );
          }
          return attempt(
            () => faults.delete(keyOf('miss-pod', target)),
            () => effects.podMissed(target),
          );
        case 'mend-service':
          faults.delete(keyOf('slow-service', target));
          faults.delete(keyOf('fail-service', target));
          return null;
      }
    },
  };
}
