import type { KubeApi } from '../api.ts';
import type { JsonObject, KubeObject } from '../types.ts';

export interface Answer {
  status: number;
  headers: Headers;
  // Test code reads answers freely; they are JSON of many kinds.
  body: KubeObject & { [key: string]: never } & JsonObject;
}

export interface CallOptions {
  type?: string;
  accept?: string;
  headers?: Record<string, string>;
}

/** One request to an API, without a network. Bodies that are not text are sent as JSON. */
export async function call(
  api: KubeApi,
  method: string,
  path: string,
  body?: unknown,
  { type = 'application/json', accept, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const request = new Request(`http://api${api.basePath}${path}`, {
    method,
    headers: {
      'user-agent': 'test/1',
      ...(body === undefined ? {} : { 'content-type': type }),
      ...(accept === undefined ? {} : { accept }),
      ...headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const response = await api.handle(request);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: parse(text === '' ? '{}' : text),
  };
}

function parse(text: string): never {
  try {
    return JSON.parse(text) as never;
  } catch {
    return { text } as never;
  }
}

export interface WatchEvent {
  type: string;
  object: KubeObject & JsonObject;
}

export interface Watching {
  status: number;
  /** The next event; undefined when the stream has ended. */
  next(): Promise<WatchEvent | undefined>;
  stop(): Promise<void>;
}

/** Opens a watch. */
export async function watching(api: KubeApi, path: string, accept?: string): Promise<Watching> {
  const headers = accept === undefined ? undefined : { accept };
  const response = await api.handle(new Request(`http://api${api.basePath}${path}`, { headers }));
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let buffered = '';
  return {
    status: response.status,
    async next() {
      for (;;) {
        const end = buffered.indexOf('\n');
        if (end >= 0) {
          const line = buffered.slice(0, end);
          buffered = buffered.slice(end + 1);
          return JSON.parse(line) as WatchEvent;
        }
        const { value, done } = await reader.read();
        if (done) return undefined;
        buffered += decoder.decode(value, { stream: true });
      }
    },
    stop: () => reader.cancel(),
  };
}

export const configMap = (name: string, data: Record<string, string> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

export const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
