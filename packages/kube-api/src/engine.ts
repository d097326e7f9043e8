import type { Admission } from './admission.ts';
import type { Registry, Resource, ResourceVersion } from './kinds/registry.ts';
import type { Limits } from './limits.ts';
import type { KubeStore } from './store/store.ts';
import type {
  AuthorizationDecision,
  KubeObject,
  RequestAttributes,
  ResourceRule,
  UserInfo,
} from './types.ts';

/** A request in the form both adapters (web and node:http) give it. */
export interface ApiRequest {
  method: string;
  /** Path below the API's own prefix, still percent-encoded. */
  path: string;
  query: URLSearchParams;
  header(name: string): string | undefined;
  /** The whole body. @throws ApiError 413 beyond the limit, 400 when it breaks off */
  body(limitBytes: number): Promise<Buffer>;
}

/** Where a stream's chunks go. `write` answers false when the reader lags: wait for onDrain. */
export interface ChunkSink {
  write(chunk: Buffer): boolean;
  onDrain(resume: () => void): void;
  end(): void;
  /** Closes at once, whatever is still unread. */
  destroy(): void;
}

/** A body without a known end. */
export interface StreamBody {
  start(sink: ChunkSink): void;
  /** The reader is gone. */
  cancel(): void;
}

export interface ApiResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer | Buffer[] | StreamBody | Response | undefined;
}

export type Authorizer = (
  attributes: RequestAttributes,
) => AuthorizationDecision | Promise<AuthorizationDecision>;

/** Finds out who asks; undefined: nobody known, answered 401. */
export type Authenticator = (
  request: ApiRequest,
) => UserInfo | undefined | Promise<UserInfo | undefined>;

/** A request for a subresource that the engine does not serve itself, such as pods/log. */
export interface ConnectRequest {
  request: ApiRequest;
  user: UserInfo;
  target: Target;
}

export interface Engine {
  registry: Registry;
  store: KubeStore;
  limits: Limits;
  now: () => Date;
  basePath: string;
  admission: Admission[];
  authenticate: Authenticator;
  authorize: Authorizer;
  rulesFor: (user: UserInfo, namespace: string) => ResourceRule[] | Promise<ResourceRule[]>;
  connect: (request: ConnectRequest) => Promise<Response | undefined>;
  /** Objects of namespaced kinds need their namespace to exist. */
  namespacesRequired: boolean;
  gitVersion: string;
  /** Work that goes on after the answer: garbage collection, namespaces. */
  background: Background;
  /** What removals set off; see gc.ts. */
  lifecycle: Lifecycle;
  /** Open watches, each with the resource that it watches. */
  watches: Map<{ finish(): void }, string>;
  onError: (error: unknown) => void;
}

export interface Lifecycle {
  /** An object with owners was made. */
  owned(object: KubeObject, resource: Resource): void;
  /** An object is gone. */
  deleted(object: KubeObject, resource: Resource): void;
  /** An object is to go once its finalizers are over. */
  marked(object: KubeObject, resource: Resource): void;
}

export interface Background {
  run(task: () => Promise<void>): void;
  isBusy(): boolean;
  /** Settles when nothing is left to do. */
  idle(): Promise<void>;
}

/** What a request is about. */
export interface Target {
  version: ResourceVersion;
  namespace: string;
  /** Empty for collections. */
  name: string;
  subresource: string;
}

export interface RequestContext {
  engine: Engine;
  request: ApiRequest;
  user: UserInfo;
  target: Target;
  /** Texts for Warning headers. */
  warnings: string[];
}

export type { KubeObject };
