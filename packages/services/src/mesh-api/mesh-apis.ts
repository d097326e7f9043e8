import { inTenant } from '@ambit/db/database';
import { openPipeline } from '@ambit/db/pipeline';
import { createKubeApi, type KubeApi } from '@ambit/kube-api/api';
import type { ApiRequest, ApiResponse } from '@ambit/kube-api/engine';
import type { Registry } from '@ambit/kube-api/kinds/registry';
import { ApiError } from '@ambit/kube-api/status';
import type { Caller, Platform } from '../kernel/context.ts';
import { meshAdmission, type MeshAdmission } from '../diagnosis/admission.ts';
import { authorize, rulesFor } from './access.ts';
import { istioAdmission } from './admission.ts';
import { toUser } from './author.ts';
import { holdLimits, toEvict } from './evict.ts';
import { controlPlaneDigest, kindsOfBundle } from './kinds.ts';
import { auditRefused } from './refused.ts';
import { loadSeal } from './seal.ts';
import { openMeshStore, type MeshStore } from './store.ts';

/** The Kubernetes APIs of all meshes of a process; each is opened by its first request. */
export interface MeshApis {
  /**
   * Answers a request of a caller to the API of a mesh.
   * @throws ApiError 404 for a mesh of others or none, 503 before the mesh's kinds are known
   */
  respond(caller: Caller, meshId: string, request: ApiRequest): Promise<ApiResponse>;
  /** Some process wrote: mesh and its revision, with a space between; null: any mesh may have been written. */
  changed(payload: string | null): void;
  /** Ids of the meshes that are in memory. */
  held(): string[];
  /** Ends the open watches; requests that are under way are still answered. */
  end(): void;
  /** Lets go of the database, when no request is under way any more. */
  close(): Promise<void>;
}

interface Opened {
  organisationId: string;
  store: MeshStore;
  diagnosis: MeshAdmission;
  api?: { digest: string; serve: KubeApi };
  checkedAtMs: number;
  /** Requests under way. */
  requests: number;
  usedAtMs: number;
  /** A look at the release that is under way; everybody waits for the one. */
  refreshing?: Promise<KubeApi> | undefined;
}

/** How long a mesh is served before its release is looked at again, and before a request waits for that look. */
const kindsKeptMs = 3_000;
const kindsServedMs = 15_000;
/** Notifications only wake: so often a process looks whether it missed one. */
const lookMs = 5_000;

export async function openMeshApis(
  platform: Pick<Platform, 'db' | 'now'>,
  onError: (error: unknown) => void,
  limits = holdLimits,
): Promise<MeshApis> {
  const { db, now } = platform;
  const seal = await loadSeal(db);
  const pipeline = openPipeline(db.url);
  const meshes = new Map<string, Opened>();
  const opening = new Map<string, Promise<Opened | undefined>>();
  const callers = new WeakMap<ApiRequest, Caller>();

  async function open(organisationId: string, meshId: string): Promise<Opened | undefined> {
    const diagnosis = meshAdmission({ db, organisationId, meshId, now, onError });
    const store = await openMeshStore({
      db,
      pipeline,
      organisationId,
      meshId,
      seal,
      now,
      followed: diagnosis.followed,
    });
    if (store === undefined) return undefined;
    const mesh: Opened = {
      organisationId,
      store,
      diagnosis,
      checkedAtMs: 0,
      requests: 0,
      usedAtMs: Date.now(),
    };
    meshes.set(meshId, mesh);
    // What was written between the load and the line above told nobody here.
    await store.catchUp();
    evict(meshId);
    return mesh;
  }

  async function opened(organisationId: string, meshId: string): Promise<Opened> {
    const present = meshes.get(meshId);
    if (present?.organisationId === organisationId) return present;
    // Told apart by organisation too: one that asks for a mesh of others does not get into the way of its owner.
    const key = `${organisationId}/${meshId}`;
    const pending =
      opening.get(key) ?? open(organisationId, meshId).finally(() => opening.delete(key));
    opening.set(key, pending);
    const mesh = await pending;
    if (mesh === undefined) throw noMesh(meshId);
    // It may have left memory again meanwhile.
    return meshes.get(meshId) === mesh ? mesh : opened(organisationId, meshId);
  }

  async function refresh(mesh: Opened, meshId: string): Promise<KubeApi> {
    const { organisationId, store } = mesh;
    const found = await inTenant(db, organisationId, async (tx) => {
      if (!(await tx.mesh.findUnique({ where: { id: meshId }, select: { id: true } }))) {
        return 'gone' as const;
      }
      const digest = await controlPlaneDigest(tx, meshId);
      if (digest === undefined) return undefined;
      if (digest === mesh.api?.digest) return mesh.api;
      const kinds = await kindsOfBundle(tx, organisationId, digest);
      return kinds && { digest, kinds };
    });
    if (found === 'gone') {
      forget(meshId, mesh);
      throw noMesh(meshId);
    }
    mesh.checkedAtMs = Date.now();
    if (found !== undefined && 'kinds' in found) {
      mesh.api?.serve.close();
      const serve = createKubeApi({
        kinds: found.kinds,
        store,
        now,
        onError,
        authorize: (asked) => authorize(meshId, asked),
        rulesFor: async (user, namespace) =>
          rulesFor(meshId, user, namespace, await groupsOf(found.kinds, store)),
        basePath: `/k8s/${meshId}`,
        namespacesRequired: false,
        admission: [istioAdmission, mesh.diagnosis.admission],
        authenticate: (request) => {
          const caller = callers.get(request);
          return caller && toUser(caller);
        },
      });
      mesh.api = { digest: found.digest, serve };
    }
    if (mesh.api === undefined) throw notRendered(meshId);
    return mesh.api.serve;
  }

  const refreshed = (mesh: Opened, meshId: string): Promise<KubeApi> =>
    (mesh.refreshing ??= refresh(mesh, meshId).finally(() => (mesh.refreshing = undefined)));

  /** What a client is told when it asks next. */
  function unlessKnown(error: unknown): void {
    if (!(error instanceof ApiError)) onError(error);
  }

  function forget(meshId: string, mesh: Opened): void {
    meshes.delete(meshId);
    mesh.api?.serve.close();
    mesh.diagnosis.close();
    mesh.store.close();
  }

  /** Lets meshes go that nobody uses; those with watchers stay, and the one that is opened just now. */
  function evict(newest?: string): void {
    const held = new Map(
      [...meshes].map(([meshId, { store, api, requests, usedAtMs }]) => {
        const isBusy = requests > 0 || meshId === newest || api?.serve.isBusy() === true;
        return [meshId, { bytes: store.bytes(), usedAtMs, isBusy }];
      }),
    );
    for (const meshId of toEvict(held, Date.now(), limits)) forget(meshId, meshes.get(meshId)!);
  }

  async function look(): Promise<void> {
    evict();
    if (meshes.size === 0) return;
    const { rows } = await db.pool.query<{ id: string; revision: string }>(
      'SELECT id, revision FROM mesh WHERE id = ANY($1)',
      [[...meshes.keys()]],
    );
    const revisions = new Map(rows.map(({ id, revision }) => [id, Number(revision)]));
    for (const [meshId, mesh] of meshes) {
      const revision = revisions.get(meshId);
      if (revision === undefined) forget(meshId, mesh);
      else await mesh.store.reach(revision);
    }
  }

  async function answer(
    mesh: Opened,
    caller: Caller,
    meshId: string,
    request: ApiRequest,
  ): Promise<ApiResponse> {
    const ageMs = Date.now() - mesh.checkedAtMs;
    let api = ageMs < kindsServedMs ? mesh.api?.serve : undefined;
    if (api === undefined) api = await refreshed(mesh, meshId);
    else if (ageMs >= kindsKeptMs) refreshed(mesh, meshId).catch(unlessKnown);
    callers.set(request, caller);
    const response = await api.respond(request);
    if (response.status === 403) await auditRefused(db, caller, meshId, request, response);
    return response;
  }

  const timer = setInterval(() => void look().catch(onError), lookMs);
  timer.unref();
  return {
    async respond(caller, meshId, request) {
      const mesh = await opened(caller.organisationId, meshId);
      mesh.requests++;
      try {
        return await answer(mesh, caller, meshId, request);
      } finally {
        mesh.requests--;
        mesh.usedAtMs = Date.now();
      }
    },
    changed(payload) {
      const [meshId = '', revision] = payload?.split(' ') ?? [];
      const work = payload === null ? look() : meshes.get(meshId)?.store.reach(Number(revision));
      work?.catch(onError);
    },
    held: () => [...meshes.keys()],
    end() {
      clearInterval(timer);
      for (const [meshId, mesh] of meshes) forget(meshId, mesh);
    },
    close: () => pipeline.close(),
  };
}

/** API groups of a mesh: those of its release, and those of the definitions that were made through its API. */
async function groupsOf(kinds: Registry, store: MeshStore): Promise<string[]> {
  const own = await store.list({ resource: 'customresourcedefinitions.apiextensions.k8s.io' });
  const made = own.items.map(({ key }) => key.name.slice(key.name.indexOf('.') + 1));
  const groups = [...kinds.resources()].map(({ group }) => group);
  return [...new Set([...groups, ...made])];
}

const noMesh = (meshId: string): ApiError =>
  new ApiError(404, 'NotFound', `there is no mesh ${JSON.stringify(meshId)} in this organisation`);

const notRendered = (meshId: string): ApiError =>
  new ApiError(
    503,
    'ServiceUnavailable',
    `the kinds of mesh ${meshId} are not known before its release is rendered for the first time; wait until its creation has come that far`,
    { retryAfterSeconds: 5 },
    { 'retry-after': '5' },
  );
