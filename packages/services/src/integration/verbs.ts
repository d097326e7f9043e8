import {
  integrationCreate,
  integrationDelete,
  integrationGet,
  integrationList,
  integrationUpdate,
} from '@ambit/contracts/operations/integration';
import { newId } from '@ambit/contracts/ids';
import type { Prisma } from '@ambit/db/generated/client';
import { addressGuard } from '../alert/send/addresses.ts';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict, invalid, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { pageArgs, pageOfArray, toPage } from '../kernel/page.ts';
import { requireMesh, requireVersion } from '../mesh/lock.ts';
import { findIntegration, integrationsOf, toIntegration, toIntegrations } from './rows.ts';
import {
  openSecrets,
  sealSecrets,
  splitSecrets,
  type IntegrationInput,
  type Settings,
} from './settings.ts';

export const listIntegrations = implement(integrationList, async ({ tx }, input) => {
  const { kind, meshId } = input;
  if (meshId !== undefined) {
    await requireMesh(tx, meshId);
    const of = await toIntegrations(tx, await integrationsOf(tx, meshId, kind && [kind]));
    return pageOfArray(input, of, ({ id }) => id);
  }
  const args = pageArgs(input, 'id');
  const rows = await tx.integration.findMany({
    ...args,
    where: { ...args.where, ...(kind ? { kind } : {}) },
  });
  const shown = new Map((await toIntegrations(tx, rows)).map((each) => [each.id, each]));
  return toPage(input, rows, ({ id }) => shown.get(id)!, 'id');
});

export const getIntegration = implement(integrationGet, async ({ tx }, { integrationId }) =>
  toIntegration(tx, await findIntegration(tx, integrationId)),
);

async function requireFree({ tx }: Context, name: string, id?: string): Promise<void> {
  const taken = await tx.integration.findFirst({
    where: { name, ...(id ? { id: { not: id } } : {}) },
  });
  if (taken) throw conflict(`there is an integration "${name}" already`, 'take another name');
}

/** What does not fit together, or may not be called. A name that DNS does not know yet is let through: the test tells. */
async function requireUsable(context: Context, input: IntegrationInput): Promise<void> {
  const { tx, platform } = context;
  const { clusterId, meshId, reach } = input;
  const url = new URL(input.address);
  if (url.username || url.password) {
    throw invalid('the address holds a user or password', [
      { path: 'address', message: 'leave them out, and give them as auth' },
    ]);
  }
  if (url.search || url.hash) {
    throw invalid('the address holds a query', [
      { path: 'address', message: 'give the root of the API; what each request needs is a header' },
    ]);
  }
  if (clusterId !== null && meshId !== null) {
    throw invalid('it is for a cluster or for a mesh, not both', [
      { path: 'meshId', message: 'leave it out: the cluster says which mesh it tells of' },
    ]);
  }
  if (clusterId !== null && !(await tx.cluster.findUnique({ where: { id: clusterId } }))) {
    throw notFound('cluster', clusterId);
  }
  if (meshId !== null) await requireMesh(tx, meshId);
  const names = new Set(input.headers.map(({ name }) => name.toLowerCase()));
  if (names.size < input.headers.length) {
    throw invalid('a header is given twice', [{ path: 'headers', message: 'give each once' }]);
  }
  for (const name of ['authorization', 'host', 'content-length', 'connection', 'cookie']) {
    if (names.has(name)) {
      throw invalid(`the header ${name} is not taken here`, [
        { path: 'headers', message: name === 'authorization' ? 'use auth' : 'leave it out' },
      ]);
    }
  }
  if (reach === 'agent') {
    if (clusterId !== null) return;
    throw invalid('which agent is to ask it is missing', [
      { path: 'clusterId', message: 'what is reached through an agent belongs to its cluster' },
    ]);
  }
  try {
    await addressGuard(platform.alertAllow ?? []).resolve(url.hostname);
  } catch (error) {
    if (error instanceof AmbitError) throw error;
  }
}

export const createIntegration = implement(
  integrationCreate,
  async (context, { kind, ...input }) => {
    const { tx, organisationId, now, platform } = context;
    await requireFree(context, input.name);
    await requireUsable(context, input);
    const { settings, secrets } = splitSecrets(input);
    const id = newId('integration', now.getTime());
    const row = await tx.integration.create({
      data: {
        id,
        organisationId,
        kind,
        ...columnsOf(input, settings),
        secrets: await sealSecrets(platform.db, id, secrets),
        createdAt: now,
      },
    });
    await context.changed('integration', id, 'created');
    return toIntegration(tx, row);
  },
);

export const updateIntegration = implement(integrationUpdate, async (context, input) => {
  const { tx, platform } = context;
  const { integrationId: id, version } = input;
  await tx.$queryRaw`SELECT id FROM integration WHERE id = ${id} FOR UPDATE`;
  const before = await findIntegration(tx, id);
  requireVersion(`the integration "${before.name}"`, before, version);
  await requireFree(context, input.name, id);
  await requireUsable(context, input);
  const { settings, secrets } = splitSecrets(input, {
    url: before.url,
    clusterId: before.clusterId,
    settings: before.settings as unknown as Settings,
    secrets: await openSecrets(platform.db, before),
  });
  const row = await tx.integration.update({
    where: { id },
    data: {
      ...columnsOf(input, settings),
      secrets: await sealSecrets(platform.db, id, secrets),
      status: {},
      version: { increment: 1 },
    },
  });
  await context.changed('integration', id, 'updated');
  return toIntegration(tx, row);
});

const columnsOf = (input: IntegrationInput, settings: Settings) => ({
  name: input.name,
  clusterId: input.clusterId,
  meshId: input.meshId,
  url: input.address,
  settings: settings as unknown as Prisma.InputJsonObject,
});

export const deleteIntegration = implement(
  integrationDelete,
  async ({ tx, changed }, { integrationId: id }) => {
    const before = await toIntegration(tx, await findIntegration(tx, id));
    await tx.integration.delete({ where: { id } });
    await changed('integration', id, 'deleted');
    return before;
  },
);
