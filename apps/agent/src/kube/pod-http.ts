import http from 'node:http';
import { isStatus, type KubeClient } from './client.ts';
import { CannotForward, forwardPort } from './port-forward.ts';

export interface PodRequest {
  namespace: string;
  pod: string;
  /** Null when it has none yet. */
  ip: string | null;
  port: number;
  path: string;
  /** It listens on the loopback device of the pod alone. */
  loopback: boolean;
  timeoutMs: number;
}

/** HTTP GETs to pods. */
export interface PodHttp {
  /** @throws CannotForward, PodHttpError, KubeError */
  get(request: PodRequest, signal: AbortSignal): Promise<http.IncomingMessage>;
}

/** A pod answered, and not with a success. */
export class PodHttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * How pods are reached: `direct` by their address; `api-server` through its pod proxy, for agents that stand outside of the
 * pod network. What listens on loopback is reached by port-forward, or where none is served (the sandbox) by the proxy.
 */
export type Reach = 'direct' | 'api-server';

export function makePodHttp(client: KubeClient, reach: Reach): PodHttp {
  const agent = new http.Agent({
    keepAlive: true,
    maxSockets: 1,
    maxTotalSockets: 64,
    timeout: 20_000,
  });
  let forwards = true;

  const byProxy = ({ namespace, pod, port, path, timeoutMs }: PodRequest, signal: AbortSignal) =>
    client.open(
      'GET',
      `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}:${port}/proxy${path}`,
      { accept: '*/*', signal, timeoutMs },
    );

  const send = (options: http.RequestOptions, timeoutMs: number, signal: AbortSignal) =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = http.request({ method: 'GET', signal, ...options }, (answer) => {
        clearTimeout(timer);
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) return resolve(answer);
        answer.resume();
        reject(new PodHttpError(status, `it answered ${status}`));
      });
      // A timer of our own: a forwarded port is no socket, and has no time-outs.
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      request.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      request.end();
    });

  return {
    get: async (request, signal) => {
      const { ip, port, path, timeoutMs } = request;
      if (!request.loopback) {
        if (reach === 'api-server') return byProxy(request, signal);
        if (ip === null) throw new PodHttpError(0, 'the pod has no address yet');
        return send({ host: ip, port, path, agent }, timeoutMs, signal);
      }
      if (!forwards) return byProxy(request, signal);
      try {
        const stream = await forwardPort(client.config, request, signal);
        const answer = await send(
          // Not with `agent: false`: that is an agent too, which makes connections of its own.
          { host: 'localhost', path, createConnection: () => stream },
          timeoutMs,
          signal,
        ).catch((error: unknown) => {
          stream.destroy();
          throw stream.errored ?? error;
        });
        answer.once('close', () => stream.destroy());
        return answer;
      } catch (error) {
        const unserved = error instanceof CannotForward && [404, 405, 501].includes(error.status);
        if (!unserved || reach !== 'api-server') throw error;
        const answer = await byProxy(request, signal);
        forwards = false;
        return answer;
      }
    },
  };
}

/** What went wrong in words for people, with what to do where that is known. */
export function podProblem(error: unknown): string {
  if (error instanceof CannotForward && error.status === 403) {
    return 'the agent may not forward ports: apply its join manifest again, with the role ambit-agent-proxies';
  }
  if (isStatus(error, 403)) return `the agent may not do that: ${error.message}`;
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CannotForward && /connection refused/.test(error.message)) {
    return 'nothing listens there';
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return 'there is no way to it from the agent; outside of the pod network set AMBIT_AGENT_PROXIES=api-server';
  }
  return error.message;
}

export async function readAtMost(answer: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += (chunk as Buffer).length;
    if (size > maxBytes) {
      answer.destroy();
      throw new Error(`its answer is larger than ${Math.round(maxBytes / 1024)} KB`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads answers one after the other into one buffer that is kept: what `read` gives holds until it is called again.
 * Thousands of large answers are read without making thousands of large buffers.
 */
export function reusedReader(maxBytes: number): {
  read(answer: http.IncomingMessage): Promise<Buffer>;
} {
  let buffer = Buffer.alloc(64 * 1024);
  return {
    read: async (answer) => {
      let size = 0;
      for await (const chunk of answer) {
        const bytes = chunk as Buffer;
        if (size + bytes.length > maxBytes) {
          answer.destroy();
          throw new Error(`its answer is larger than ${Math.round(maxBytes / 1024)} KB`);
        }
        if (size + bytes.length > buffer.length) {
          const larger = Buffer.alloc(Math.max(buffer.length * 2, size + bytes.length));
          buffer.copy(larger, 0, 0, size);
          buffer = larger;
        }
        bytes.copy(buffer, size);
        size += bytes.length;
      }
      return buffer.subarray(0, size);
    },
  };
}
