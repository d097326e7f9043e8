import { KubeError, type Client } from '../client/client.ts';
import type { Change } from '../client/cache.ts';
import { timestamp } from '../controllers/common.ts';
import type { NewObject, Obj, Pod } from '../objects.ts';
import { fieldPathOf, podEvents, type Happening } from './pod-events.ts';

/** A cluster keeps Events for an hour; this one a few hundred, the newest. */
const mostKept = 300;

interface EventObject extends Obj {
  count: number;
  lastTimestamp: string;
}

/**
 * Writes the Events of pods into the cluster as they change. What happens again is counted, as Kubernetes does; the
 * oldest are dropped.
 */
export function createRecorder(given: {
  client: Client;
  now?: () => Date;
  onError: (error: unknown) => void;
}): { changed(change: Change): void } {
  const { client, onError, now = () => new Date() } = given;
  const kept = new Map<string, EventObject>();
  let last: Promise<void> = Promise.resolve();
  let made = 0;

  const write = async (pod: Pod, happening: Happening): Promise<void> => {
    const { type, reason, message, component } = happening;
    const key = [pod.metadata.uid, type, reason, message].join('\n');
    const time = timestamp(now());
    const known = kept.get(key);
    kept.delete(key);
    if (known !== undefined) {
      const again = { ...known, count: known.count + 1, lastTimestamp: time };
      kept.set(key, (await client.update(again, component)) as EventObject);
      return;
    }
    const { namespace = 'default', name, uid, resourceVersion } = pod.metadata;
    const fieldPath = fieldPathOf(pod, message);
    const host = component === 'kubelet' ? pod.spec.nodeName : undefined;
    const event: NewObject & Record<string, unknown> = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: {
        namespace,
        name: `${name}.${(Date.now() * 1_000 + (made++ % 1_000)).toString(16)}`,
      },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace,
        name,
        uid,
        resourceVersion,
        ...(fieldPath === undefined ? {} : { fieldPath }),
      },
      type,
      reason,
      message,
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: { component, ...(host === undefined ? {} : { host }) },
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
    kept.set(key, (await client.create(event, component)) as EventObject);
    const oldest = kept.keys().next().value;
    if (kept.size <= mostKept || oldest === undefined) return;
    const { metadata } = kept.get(oldest)!;
    kept.delete(oldest);
    await client.delete('events', { namespace: metadata.namespace ?? '', name: metadata.name });
  };

  return {
    changed({ kind, object, previous, gone }) {
      if (kind !== 'pods' || gone || previous === undefined) return;
      const pod = object as Pod;
      for (const happening of podEvents(previous as Pod, pod)) {
        last = last
          .then(() => write(pod, happening))
          // The namespace or the event went away meanwhile: nobody misses it.
          .catch((error: unknown) => (error instanceof KubeError ? undefined : onError(error)));
      }
    },
  };
}
