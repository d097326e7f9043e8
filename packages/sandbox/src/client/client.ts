import type { KubeApi } from '@ambit/kube-api/api';
import type { ApiResponse } from '@ambit/kube-api/engine';
import {
  infoOf,
  infoOfObject,
  pathOf,
  type KindId,
  type KindInfo,
  type KindMap,
} from '../kinds.ts';
import type { NewObject, Obj } from '../objects.ts';

/** Answers requests as a Kubernetes API: the engine in this process, below its HTTP adapters. */
export type Respond = KubeApi['respond'];

/** An answer of the API that is no success; `reason` is its machine word (NotFound, Conflict, …). */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.name = 'KubeError';
    this.status = status;
    this.reason = reason;
  }
}

export interface Ref {
  namespace?: string;
  name: string;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: Obj & { code?: number };
}

/** The Kubernetes API as a controller uses it. Every method throws KubeError for an answer that is no success. */
export interface Client {
  get<K extends KindId>(kind: K, ref: Ref): Promise<KindMap[K]>;
  list<K extends KindId>(kind: K): Promise<{ items: KindMap[K][]; resourceVersion: string }>;
  watch(kind: KindId, resourceVersion: string, signal: AbortSignal): AsyncGenerator<WatchEvent>;
  create(object: NewObject, manager: string): Promise<Obj>;
  update(object: Obj, manager: string): Promise<Obj>;
  /** A JSON merge patch of the object, or of its status. */
  patch(kind: KindId, ref: Ref, patch: object, manager: string, sub?: 'status'): Promise<Obj>;
  /** @returns the object when it stays for a while (finalizers, grace period); null when it is gone */
  delete(
    kind: KindId,
    ref: Ref,
    options?: { uid?: string; graceSeconds?: number },
  ): Promise<Obj | null>;
}

interface Options {
  body?: unknown;
  type?: string;
  query?: Record<string, string>;
}

export function createClient(respond: Respond): Client {
  const send = async (method: string, path: string, options: Options): Promise<ApiResponse> => {
    const headers: Record<string, string> = {
      'user-agent': 'ambit-sandbox',
      'content-type': options.type ?? 'application/json',
    };
    const bytes = Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body));
    const response = await respond({
      method,
      path,
      query: new URLSearchParams(options.query),
      header: (name) => headers[name],
      body: async () => bytes,
    });
    if (response.status < 400) return response;
    throw errorOf(response);
  };
  const sendJson = async <T>(...args: Parameters<typeof send>): Promise<T> =>
    JSON.parse(textOf(await send(...args))) as T;

  return {
    get: (kind, { namespace, name }) => sendJson('GET', pathOf(infoOf(kind), namespace, name), {}),
    list: async <K extends KindId>(kind: K) => {
      const info = infoOf(kind);
      const answer = await sendJson<{
        items: KindMap[K][];
        metadata: { resourceVersion: string };
      }>('GET', pathOf(info), {});
      const items = answer.items.map((item) => typed(item, info));
      return { items, resourceVersion: answer.metadata.resourceVersion };
    },
    watch: async function* (kind, resourceVersion, signal) {
      const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion };
      const response = await send('GET', pathOf(infoOf(kind)), { query });
      yield* lines(response, signal);
    },
    create: (object, manager) => {
      const { namespace } = object.metadata;
      return sendJson('POST', pathOf(infoOfObject(object), namespace), {
        body: object,
        query: { fieldManager: manager },
      });
    },
    update: (object, manager) => {
      const { namespace, name } = object.metadata;
      return sendJson('PUT', pathOf(infoOfObject(object), namespace, name), {
        body: object,
        query: { fieldManager: manager },
      });
    },
    patch: (kind, { namespace, name }, patch, manager, sub) =>
      sendJson('PATCH', pathOf(infoOf(kind), namespace, name, sub), {
        body: patch,
        type: 'application/merge-patch+json',
        query: { fieldManager: manager },
      }),
    delete: async (kind, { namespace, name }, { uid, graceSeconds } = {}) => {
      const answer = await sendJson<Obj>('DELETE', pathOf(infoOf(kind), namespace, name), {
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          ...(uid === undefined ? {} : { preconditions: { uid } }),
          ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
        },
      });
      return isGone(answer) ? null : answer;
    },
  };
}

/** A status, or the last state of an object that had nothing to wait for. */
function isGone({ kind, metadata }: Obj): boolean {
  if (kind === 'Status' || metadata.deletionTimestamp === undefined) return true;
  const waits =
    (metadata.finalizers ?? []).length > 0 || (metadata.deletionGracePeriodSeconds ?? 0) > 0;
  return !waits && kind !== 'Namespace';
}

/** Items of lists may come without apiVersion and kind. */
function typed<T extends Obj>(item: T, { apiVersion, kind }: KindInfo): T {
  item.apiVersion ??= apiVersion;
  item.kind ??= kind;
  return item;
}

function textOf({ body }: ApiResponse): string {
  if (Buffer.isBuffer(body)) return body.toString('utf8');
  return Array.isArray(body) ? Buffer.concat(body).toString('utf8') : '';
}

function errorOf(response: ApiResponse): KubeError {
  const text = textOf(response);
  try {
    const { reason, message } = JSON.parse(text) as { reason?: string; message?: string };
    return new KubeError(response.status, reason ?? '', message ?? text);
  } catch {
    return new KubeError(response.status, '', text.slice(0, 500));
  }
}

/** The lines of a watch, as they come, until it or the signal ends. */
async function* lines({ body }: ApiResponse, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  if (body === undefined || !('start' in body)) throw new Error('the watch has no stream');
  const waiting: Buffer[] = [];
  let ended = signal.aborted;
  let wake = (): void => {};
  const end = (): void => {
    ended = true;
    wake();
  };
  signal.addEventListener('abort', end, { once: true });
  body.start({
    write: (chunk) => {
      waiting.push(chunk);
      wake();
      return true;
    },
    onDrain: (resume) => resume(),
    end,
    destroy: end,
  });
  let rest = '';
  try {
    for (;;) {
      const chunk = waiting.shift();
      if (chunk !== undefined) {
        const parts = (rest + chunk.toString('utf8')).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) if (line !== '') yield JSON.parse(line) as WatchEvent;
      } else if (ended) return;
      else await new Promise<void>((more) => (wake = more));
    }
  } finally {
    signal.removeEventListener('abort', end);
    body.cancel();
  }
}
