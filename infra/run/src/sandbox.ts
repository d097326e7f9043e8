import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { Admin } from './first-run.ts';
import { freePort } from '@ambit/db/free-port';

const clusterName = 'sandbox';
const readyWithinMs = 120_000;

export interface SandboxStart {
  home: string;
  /** Where the platform answers on this machine. */
  platformUrl: string;
  admin: Admin;
  /** Where the sandbox is to answer, on the loopback device. */
  port: number;
  /** Keeps a program running. */
  add(name: string, args: string[], env: NodeJS.ProcessEnv): void;
  signal: AbortSignal;
}

/**
 * Starts the simulated cluster, joins it to the first organisation and starts its agent, the same program that runs
 * in real clusters. On a later start the agent goes on with the credential it keeps in the sandbox.
 * @throws Error when the sandbox does not answer or cannot be joined; the platform runs without it
 */
export async function startSandboxCluster(start: SandboxStart): Promise<void> {
  const { home, platformUrl, admin, port, add, signal } = start;
  const linkPort = await freePort();
  const sandboxUrl = `http://127.0.0.1:${port}`;
  // It idles most of the time: interpreted code and a small young generation take a third less memory, and no more time.
  add('sandbox', ['--lite-mode', '--max-semi-space-size=1', 'packages/sandbox/dist/sandbox.mjs'], {
    AMBIT_HOME: home,
    AMBIT_SANDBOX_PORT: String(port),
    AMBIT_SANDBOX_LINK_PORT: String(linkPort),
    AMBIT_PUBLIC_URL: platformUrl,
  });
  await untilItAnswers(`${sandboxUrl}/version`, signal);
  const token = (await hasCredential(sandboxUrl))
    ? await renewIfNeeded(platformUrl, admin)
    : await joinToken(platformUrl, admin);
  add('sandbox-agent', ['apps/agent/dist/agent.mjs'], {
    // The sandbox passes this on to the platform, so that the link of the agent can be cut.
    AMBIT_PLATFORM_URL: `http://127.0.0.1:${linkPort}`,
    KUBECONFIG: join(home, 'sandbox', 'kubeconfig'),
    POD_NAME: 'ambit-agent-sandbox',
    AMBIT_AGENT_CACHE: join(home, 'sandbox', 'agent'),
    AMBIT_AGENT_HEALTH_PORT: '0',
    // Simulated callers of waypoints that sleep call it on this machine.
    AMBIT_AGENT_ADDRESS: '127.0.0.1',
    ...(token === undefined ? {} : { AMBIT_JOIN_TOKEN: token }),
  });
}

async function untilItAnswers(url: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + readyWithinMs;
  while (!signal.aborted) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error('it does not answer; see the log of the sandbox');
    await pause(50);
  }
}

/** Whether an agent has joined this sandbox to a platform before: then its credential is there. */
async function hasCredential(sandboxUrl: string): Promise<boolean> {
  const path = '/api/v1/namespaces/ambit-system/secrets/ambit-agent';
  return (await fetch(`${sandboxUrl}${path}`)).ok;
}

const clusterShape = z.object({ id: z.string(), name: z.string(), state: z.string() });
const clusterList = z.object({ items: z.array(clusterShape) });
const joined = z.object({ join: z.object({ token: z.string() }) });

/** A new token when the platform does not know the cluster any more, or took its credential away. */
async function renewIfNeeded(url: string, admin: Admin): Promise<string | undefined> {
  const found = await findCluster(url, admin);
  return found && found.state !== 'gone' && found.state !== 'waiting'
    ? undefined
    : joinToken(url, admin);
}

async function findCluster(url: string, admin: Admin) {
  const { items } = await ask(url, admin, 'GET', `/v1/clusters?name=${clusterName}`, clusterList);
  return items.find(({ name }) => name === clusterName);
}

async function joinToken(url: string, admin: Admin): Promise<string> {
  const found = await findCluster(url, admin);
  const path = found ? `/v1/clusters/${found.id}/join` : '/v1/clusters';
  const body = found ? {} : { name: clusterName };
  return (await ask(url, admin, 'POST', path, joined, body)).join.token;
}

async function ask<T>(
  url: string,
  { token }: Admin,
  method: string,
  path: string,
  shape: z.ZodType<T>,
  body?: object,
): Promise<T> {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Error(`${method} ${path} answers ${answer.status}: ${text.slice(0, 300)}`);
  return shape.parse(JSON.parse(text));
}
