import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One kind of request, as the program `caller` takes it. */
export interface Call {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
  /** A connection for each request. */
  fresh?: boolean;
}

/** What became of one request. `status` is 0 when no answer came, and `error` says why. */
export interface Outcome {
  status: number;
  error?: string;
  ms: number;
  headers?: Record<string, string[]>;
  body?: string;
  connections: number;
}

/** Of a steady load: each request that was sent, by what came back. `lost`: no answer, or one of 500 and more. */
export interface LoadFigures {
  seconds: number;
  sent: number;
  answered: number;
  statuses: Record<string, number>;
  errors: Record<string, number>;
  lost: number;
  repeated: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  maxMs: number;
  firstLost: { afterMs: number; status: number; error?: string; body?: string }[] | null;
}

/** A client in a pod of the lab that sends what it is told to. */
export interface Caller {
  /** Gives each outcome in full; fails only when the client itself cannot be reached. */
  send(call: Call, count?: number, parallel?: number): Promise<Outcome[]>;
  /** One request. */
  one(call: Call): Promise<Outcome>;
  startLoad(name: string, perSecond: number, call: Call): Promise<void>;
  lookAtLoad(name: string): Promise<LoadFigures>;
  /** Waits for the requests under way. */
  stopLoad(name: string): Promise<LoadFigures>;
  close(): void;
}

/** Opens the way to a caller's pod (`kubectl port-forward`: the pod's loopback device, which no mesh redirects). */
export async function openCaller(
  env: NodeJS.ProcessEnv,
  namespace: string,
  deployment: string,
): Promise<Caller> {
  const child = spawn(
    'kubectl',
    ['port-forward', '--namespace', namespace, `deployment/${deployment}`, ':8090'],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const url = await addressOf(child, `${namespace}/${deployment}`);
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`caller ${method} ${path} answers ${answer.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  const send: Caller['send'] = (call, count = 1, parallel = 1) =>
    ask('POST', '/send', { ...call, count, parallel });
  return {
    send,
    one: async (call) => (await send(call))[0]!,
    startLoad: async (name, perSecond, call) => {
      await ask('POST', `/loads/${name}`, { ...call, perSecond });
    },
    lookAtLoad: (name) => ask('GET', `/loads/${name}`),
    stopLoad: (name) => ask('DELETE', `/loads/${name}`),
    close: () => child.kill(),
  };
}

function addressOf(child: ReturnType<typeof spawn>, of: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let errors = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    });
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`no way to the caller ${of} (kubectl ended with ${code}): ${errors}`)),
    );
  });
}

/** A line that Istio's echo server writes in its answer, such as `ServiceVersion`. */
export const echoed = (outcome: Outcome, field: string): string | undefined =>
  new RegExp(`^${field}=(.*)$`, 'm').exec(outcome.body ?? '')?.[1]?.trim();

/** Outcomes by a word, counted. */
export function countBy(
  outcomes: Outcome[],
  word: (outcome: Outcome) => string,
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of outcomes) counts[word(each)] = (counts[word(each)] ?? 0) + 1;
  return counts;
}
