import { kindInfos, type KindId } from '../kinds.ts';
import type { Obj } from '../objects.ts';
import { act } from './actions.ts';
import { createCache, type Cache, type Change } from './cache.ts';
import { KubeError, type Client } from './client.ts';
import type { Controller } from './controller.ts';
import { inform } from './informer.ts';
import { createQueue } from './queue.ts';

export interface Manager {
  cache: Cache;
  /** Has a controller look at a key. */
  wake(controller: string, key: string): void;
  onChange(listener: (change: Change) => void): void;
  /** Settles when every controller has done what there is to do now. */
  idle(): Promise<void>;
  close(): void;
}

export interface ManagerOptions {
  client: Client;
  controllers: Controller[];
  now?: () => Date;
  onError?: (controller: string, key: string, error: unknown) => void;
}

const crds = 'customresourcedefinitions.apiextensions.k8s.io';

/** Runs controllers: one cache for all of them, one queue, one change after another. */
export async function startManager(options: ManagerOptions): Promise<Manager> {
  const { client, controllers, now = () => new Date() } = options;
  const byName = new Map(controllers.map((controller) => [controller.name, controller]));
  const listeners: ((change: Change) => void)[] = [];
  const failures = new Map<string, string>();
  const stopping = new AbortController();
  const running = new Set<KindId>();

  const queue = createQueue({
    work: async (entry) => {
      const [name, key] = parseEntry(entry);
      const controller = byName.get(name)!;
      try {
        const decision = controller.decide(key, cache, now(), failures.get(entry));
        for (const action of decision.actions) await act(client, cache, controller.manager, action);
        failures.delete(entry);
        return decision.againMs;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const news = failures.get(entry) !== message;
        failures.set(entry, message);
        // A write against an older state: look again at once, with what is known now.
        if (error instanceof KubeError && error.reason === 'Conflict' && news) return 1;
        throw error;
      }
    },
    onError: (entry, error) => {
      const [name, key] = parseEntry(entry);
      options.onError?.(name, key, error);
    },
  });

  const cache = createCache((change) => {
    for (const { name, triggers } of controllers) {
      const keysOf = triggers[change.kind] as ((object: Obj, view: Cache) => string[]) | undefined;
      for (const key of keysOf?.(change.object, cache) ?? []) queue.add(`${name} ${key}`);
    }
    for (const listener of listeners) listener(change);
    if (change.kind === crds) followCustom(change.object.metadata.name);
  });

  const start = (kind: KindId): Promise<void> => {
    if (running.has(kind)) return Promise.resolve();
    running.add(kind);
    return new Promise((listed) => {
      inform(client, cache, kind, stopping.signal, listed)
        .catch((error: unknown) => options.onError?.('informer', kind, error))
        .finally(() => {
          running.delete(kind);
          listed();
        });
    });
  };
  /** The server serves a kind a moment after its CRD was written: this runs after that. */
  const followCustom = (name: string): void => {
    const known = kindInfos.find(({ id, custom }) => custom && id === name);
    if (known !== undefined)
      setTimeout(() => void (stopping.signal.aborted || start(known.id)), 20).unref();
  };

  await Promise.all(kindInfos.filter(({ custom }) => !custom).map(({ id }) => start(id)));
  return {
    cache,
    wake: (controller, key) => queue.add(`${controller} ${key}`),
    onChange: (listener) => void listeners.push(listener),
    idle: () => queue.idle(),
    close: () => {
      stopping.abort();
      queue.close();
    },
  };
}

function parseEntry(entry: string): [controller: string, key: string] {
  const space = entry.indexOf(' ');
  return [entry.slice(0, space), entry.slice(space + 1)];
}
