import { randomBytes } from 'node:crypto';
import type { MeshConfig } from '@ambit/analysis/mesh';
import type { AdmissionSettings } from '@ambit/contracts/agent/admission';
import type { KubeObject } from '@ambit/contracts/common';
import type { Cluster } from '../../kube/objects.ts';
import { sleep } from '../../wait.ts';
import { compactFact, compactPolicy, type Raw } from '../objects/compact.ts';
import { followObjects, type FollowInput, type PlainKind } from './follow.ts';
import { makeCertificate } from './certificate.ts';
import { announce, serviceHost, type Place } from './configuration.ts';
import { answer } from './review.ts';
import { serveWebhook } from './serve.ts';
import { makeSnapshot } from './snapshot.ts';

export interface AdmissionInput {
  cluster: Cluster;
  place: Place;
  nowMs(): number;
  say(level: 'info' | 'warn' | 'error', message: string): void;
  timing?: { rotateMs?: number; upkeepMs?: number; settleMs?: number; answerS?: number };
}

const dayMs = 24 * 3_600_000;
const validMs = 30 * dayMs;
const rotateMs = (validMs * 2) / 3;
const upkeepMs = 60_000;
/** How long API servers may take to learn of another authority. */
const settleMs = 10_000;
/** How long an API server waits for an answer. */
const answerS = 1;

/**
 * Watches the cluster, analyses it, and answers API servers about writes, until the signal ends it.
 * @param settings read at each write
 */
export async function runAdmission(
  input: AdmissionInput,
  settings: () => AdmissionSettings,
  signal: AbortSignal,
): Promise<void> {
  const { cluster, place, nowMs, say, timing = {} } = input;
  const { alone, meshConfig } = settings();
  const onError = (error: unknown) => {
    if (!signal.aborted) say('warn', `admission: ${String(error)}`);
  };
  const snapshot = makeSnapshot({ alone, meshConfig: meshConfig as MeshConfig, nowMs });
  const follow = {
    cluster,
    sink: snapshot.sink,
    facts: [
      'Namespace',
      'Node',
      'Pod',
      'Service',
      'Deployment',
      'StatefulSet',
      'DaemonSet',
    ] as PlainKind[],
    tellFact: (kind: PlainKind, raw: Raw) => compactFact[kind](raw),
    tellPolicy: compactPolicy,
    onError,
  } satisfies FollowInput<KubeObject>;
  const host = place.url ? new URL(place.url).hostname : serviceHost(place);
  const user = `system:serviceaccount:${place.namespace}:ambit-agent`;
  const path = `/${randomBytes(24).toString('base64url')}`;
  let pair = await makeCertificate(host, nowMs(), validMs);
  let madeAt = nowMs();
  let { authority: authorities } = pair;
  const webhook = await serveWebhook({
    port: place.port,
    path,
    pair,
    answer: (review) => answer(review, snapshot, settings(), user, nowMs()),
    onError,
  });
  const at = { ...place, port: webhook.port };

  const tell = () =>
    announce(
      cluster,
      at,
      { authorities, path, user, timeoutSeconds: timing.answerS ?? answerS },
      signal,
    );

  /** API servers are told of the next authority before it is used, and trust the last one until then. */
  const rotate = async () => {
    const next = await makeCertificate(host, nowMs(), validMs);
    authorities = next.authority + pair.authority;
    await tell();
    await sleep(timing.settleMs ?? settleMs, signal);
    webhook.use(next);
    pair = next;
    madeAt = nowMs();
    say('info', 'admission: the certificate of the webhook was rotated');
  };

  const upkeep = async () => {
    let isAnnounced = false;
    let wasReady: boolean | null = null;
    while (!signal.aborted) {
      try {
        const isReady = snapshot.engine() !== null;
        if (isReady !== wasReady && wasReady !== null) {
          const words = isReady
            ? `writes are asked about, with ${snapshot.size()} objects known`
            : `every write passes: ${snapshot.size()} objects are known, which is too many, or they are not all listed`;
          say(isReady ? 'info' : 'warn', `admission: ${words}`);
        }
        wasReady = isReady;
        if (nowMs() - madeAt > (timing.rotateMs ?? rotateMs)) await rotate();
        else if (isReady || isAnnounced) {
          await tell();
        }
        isAnnounced ||= isReady;
        snapshot.tick();
      } catch (error) {
        onError(error);
      }
      const pause = isAnnounced ? (timing.upkeepMs ?? upkeepMs) : 500;
      await sleep(pause, signal).catch(() => {});
    }
  };

  try {
    await Promise.all([followObjects(follow, signal), upkeep()]);
  } finally {
    await webhook.close();
  }
}
