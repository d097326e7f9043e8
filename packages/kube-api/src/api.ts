import type { Admission } from './admission.ts';
import { createBackground } from './background.ts';
import type { ApiRequest, ApiResponse, Authenticator, Authorizer, Engine } from './engine.ts';
import { createLifecycle } from './gc.ts';
import { compress } from './http/compress.ts';
import { dispatch } from './http/dispatch.ts';
import { toApiRequest, toResponse } from './http/web.ts';
import { followCrds } from './kinds/dynamic.ts';
import type { Kind } from './kinds/kind.ts';
import { createRegistry, extendRegistry, type Registry } from './kinds/registry.ts';
import { defaultLimits, type Limits } from './limits.ts';
import { encodeObject } from './object-bytes.ts';
import { KeyExists, type KubeStore } from './store/store.ts';
import { withSharedCrds } from './store/shared-crds.ts';
import type { KubeObject, ResourceRule, UserInfo } from './types.ts';

export interface KubeApiOptions {
  /** Kinds, or a registry of them that many APIs share. */
  kinds: Kind[] | Registry;
  store: KubeStore;
  /** Default: everybody is `system:admin`. */
  authenticate?: Authenticator;
  /** Default: everything is allowed. */
  authorize?: Authorizer;
  /** For SelfSubjectRulesReview. Default: everything. */
  rulesFor?: (user: UserInfo, namespace: string) => ResourceRule[] | Promise<ResourceRule[]>;
  admission?: Admission[];
  /** Serves subresources that the engine does not know; undefined answers 404. */
  connect?: Engine['connect'];
  now?: () => Date;
  limits?: Partial<Limits>;
  /** Where the API is mounted, without a slash at the end (`/k8s/mesh-1`). */
  basePath?: string;
  /** Objects of namespaced kinds need their namespace. Default: when Namespace is among the kinds. */
  namespacesRequired?: boolean;
  /** Made before the first request when they are not there (namespaces, say). */
  initial?: KubeObject[];
  /** The Kubernetes version clients are told. */
  gitVersion?: string;
  /** Told of what no client should see. Default: nothing. */
  onError?: (error: unknown) => void;
}

export interface KubeApi {
  /** Answers a web-standard request; streams answer watches. */
  handle(request: Request): Promise<Response>;
  /** The same below the adapters; `http/node.ts` uses it. */
  respond(request: ApiRequest): Promise<ApiResponse>;
  readonly basePath: string;
  readonly limits: Limits;
  /** Settles when garbage collection and namespace removal have nothing left to do. */
  idle(): Promise<void>;
  /** Somebody watches, or garbage collection and namespace removal have something left to do. */
  isBusy(): boolean;
  /** Ends the open watches and lets go of the store. */
  close(): void;
}

const everything: ResourceRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** A Kubernetes-compatible API over a store. Cheap to make: kinds and schemas are shared. */
export function createKubeApi(options: KubeApiOptions): KubeApi {
  const base = Array.isArray(options.kinds) ? createRegistry(options.kinds) : options.kinds;
  const registry = extendRegistry(base);
  const limits = { ...defaultLimits, ...options.limits };
  const onError = options.onError ?? (() => {});
  const engine: Engine = {
    registry,
    store: withSharedCrds(options.store, base),
    limits,
    now: options.now ?? (() => new Date()),
    basePath: options.basePath ?? '',
    admission: options.admission ?? [],
    authenticate:
      options.authenticate ??
      (() => ({ username: 'system:admin', groups: ['system:masters', 'system:authenticated'] })),
    authorize: options.authorize ?? (() => ({ allowed: true })),
    rulesFor: options.rulesFor ?? (() => everything),
    connect: options.connect ?? (async () => undefined),
    namespacesRequired: options.namespacesRequired ?? base.byId('namespaces') !== undefined,
    gitVersion: options.gitVersion ?? 'v1.34.0',
    background: createBackground(onError),
    lifecycle: createLifecycle(() => engine),
    watches: new Map(),
    onError,
  };

  let ready: Promise<void> | undefined;
  let started = false;
  let stop: (() => void) | undefined;
  const start = async (): Promise<void> => {
    stop = await followCrds(engine, registry);
    for (const object of options.initial ?? []) await ensure(engine, object);
    started = true;
  };
  const respond = async (request: ApiRequest): Promise<ApiResponse> => {
    if (!started) await (ready ??= start());
    return compress(await dispatch(engine, request), request, limits.gzipBytes);
  };

  return {
    respond,
    handle: async (request) => toResponse(await respond(toApiRequest(request, engine.basePath))),
    basePath: engine.basePath,
    limits,
    idle: () => engine.background.idle(),
    isBusy: () => engine.watches.size > 0 || engine.background.isBusy(),
    close: () => {
      stop?.();
      for (const stream of engine.watches.keys()) stream.finish();
    },
  };
}

async function ensure(engine: Engine, object: KubeObject): Promise<void> {
  const slash = object.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : object.apiVersion.slice(0, slash);
  const resource = engine.registry.byKind(group, object.kind);
  if (resource === undefined)
    throw new Error(`no kind ${object.kind} in group ${JSON.stringify(group)}`);
  const now = engine.now();
  const made: KubeObject = {
    ...object,
    metadata: {
      ...object.metadata,
      uid: crypto.randomUUID(),
      creationTimestamp: `${now.toISOString().slice(0, 19)}Z`,
    },
  };
  resource.source.prepare?.(made, undefined, now);
  try {
    await engine.store.create({
      key: {
        resource: resource.id,
        namespace: object.metadata.namespace ?? '',
        name: object.metadata.name ?? '',
      },
      encode: (revision) => encodeObject(made, revision),
      owners: [],
      context: {
        user: { username: 'system:apiserver', groups: ['system:masters'] },
        verb: 'create',
        fieldManager: 'apiserver',
      },
    });
  } catch (error) {
    if (!(error instanceof KeyExists)) throw error;
  }
}
