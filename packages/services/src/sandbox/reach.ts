import type { z } from 'zod';
import type { sandboxSchema } from '@ambit/contracts/operations/sandbox';
import { isSandboxKubernetes } from '@ambit/istio/releases/simulated';
import type { StatusReport } from '@ambit/contracts/agent/protocol';
import type { Context } from '../kernel/context.ts';
import { AmbitError, notFound } from '../kernel/errors.ts';

export type SandboxState = z.input<typeof sandboxSchema>;

const patienceMs = 3_000;

/**
 * The address of the sandbox that a cluster is.
 * @throws AmbitError not_found, unprocessable for a cluster that is not simulated or not this platform's, unavailable
 */
export async function reachSandbox(context: Context, clusterId: string): Promise<string> {
  const row = await context.tx.cluster.findUnique({
    where: { id: clusterId },
    select: { name: true, clusterUid: true, report: true },
  });
  if (!row) throw notFound('cluster', clusterId);
  const report = row.report as StatusReport | null;
  if (!isSandboxKubernetes(report?.cluster.kubernetesVersion ?? '')) {
    throw refusal(`${row.name} is not a simulated cluster, so nothing is broken in it on purpose`);
  }
  const { sandboxUrl } = context.platform;
  if (sandboxUrl === undefined) {
    throw refusal(`this platform runs no sandbox, so it cannot reach into ${row.name}`);
  }
  // A sandbox of another platform may have joined too: only the one at the address may be meant.
  const found = await ask<{ metadata: { uid: string } }>(
    `${sandboxUrl}/api/v1/namespaces/kube-system`,
  );
  if (found.metadata.uid === row.clusterUid) return sandboxUrl;
  throw refusal(`${row.name} is a sandbox, but not the one that this platform runs`);
}

const refusal = (message: string): AmbitError =>
  new AmbitError('unprocessable', message, {
    fix: '`npm start` runs a sandbox beside the platform',
  });

/** What is broken in a sandbox and what can be. @throws AmbitError unavailable */
export async function readSandbox(url: string): Promise<SandboxState> {
  const { items, targets } = await ask<{
    items: SandboxState['faults'];
    targets: SandboxState['targets'];
  }>(`${url}/simulated/faults`);
  return { faults: items, targets };
}

/** @throws AmbitError unprocessable with the reason of the sandbox, unavailable */
export async function sendFault(
  url: string,
  fault: { kind: string; target: string },
): Promise<void> {
  await ask(`${url}/simulated/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
}

async function ask<T>(url: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) }).catch(
    (cause: unknown) => {
      throw new AmbitError('unavailable', 'the sandbox does not answer', {
        fix: 'it is started anew by itself within seconds; sandbox.log in the folder log says why',
        cause,
      });
    },
  );
  const body = (await answer.json().catch(() => ({}))) as T & { message?: string };
  if (answer.ok) return body;
  throw new AmbitError('unprocessable', body.message ?? `the sandbox answers ${answer.status}`);
}
