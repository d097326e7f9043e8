import type { AllowingListener } from '@ambit/istio/allowed-routes';
import type { Condition, Obj } from '../objects.ts';

export interface GatewayClass extends Obj {
  spec: { controllerName: string };
  status?: { conditions?: Condition[] };
}

export interface Gateway extends Obj {
  spec: {
    gatewayClassName: string;
    listeners?: ({ name: string; port: number; protocol: string } & AllowingListener)[];
    infrastructure?: {
      labels?: Record<string, string>;
      annotations?: Record<string, string>;
      parametersRef?: { group?: string; kind: string; name: string };
    };
  };
  status?: {
    conditions?: Condition[];
    addresses?: { type: string; value: string }[];
    listeners?: { name: string; attachedRoutes?: number; conditions?: Condition[] }[];
  };
}

export interface ParentRef {
  group?: string;
  kind?: string;
  namespace?: string;
  name: string;
  port?: number;
  sectionName?: string;
}

export interface BackendRef {
  group?: string;
  kind?: string;
  name: string;
  namespace?: string;
  port?: number;
  weight?: number;
}

export interface HttpRouteMatch {
  path?: { type?: string; value?: string };
  headers?: { type?: string; name: string; value: string }[];
  method?: string;
}

export interface HttpRouteRule {
  matches?: HttpRouteMatch[];
  backendRefs?: BackendRef[];
  filters?: { type: string; [field: string]: unknown }[];
  timeouts?: { request?: string; backendRequest?: string };
  retry?: { attempts?: number; codes?: number[] };
}

export interface HttpRoute extends Obj {
  spec: { parentRefs?: ParentRef[]; hostnames?: string[]; rules?: HttpRouteRule[] };
  status?: {
    parents?: { parentRef: ParentRef; controllerName: string; conditions?: Condition[] }[];
  };
}

export interface StringMatch {
  exact?: string;
  prefix?: string;
  regex?: string;
}

export interface Destination {
  host: string;
  subset?: string;
  port?: { number?: number };
}

export interface HttpRouteConfig {
  name?: string;
  match?: {
    uri?: StringMatch;
    method?: StringMatch;
    headers?: Record<string, StringMatch>;
    sourceLabels?: Record<string, string>;
    port?: number;
  }[];
  route?: { destination: Destination; weight?: number }[];
  redirect?: object;
  directResponse?: { status: number };
  fault?: {
    abort?: { httpStatus?: number; percentage?: { value?: number } };
    delay?: { fixedDelay?: string; percentage?: { value?: number } };
  };
  timeout?: string;
  retries?: { attempts?: number; perTryTimeout?: string; retryOn?: string };
}

export interface VirtualService extends Obj {
  spec: {
    hosts: string[];
    gateways?: string[];
    http?: HttpRouteConfig[];
    tcp?: { route?: { destination: Destination; weight?: number }[] }[];
  };
}

export interface DestinationRule extends Obj {
  spec: { host: string; subsets?: { name: string; labels?: Record<string, string> }[] };
}

export interface TargetRef {
  group?: string;
  kind: string;
  name: string;
}

interface SourceMatch {
  principals?: string[];
  notPrincipals?: string[];
  namespaces?: string[];
  notNamespaces?: string[];
}

interface OperationMatch {
  methods?: string[];
  notMethods?: string[];
  paths?: string[];
  notPaths?: string[];
  ports?: string[];
  notPorts?: string[];
}

export interface AuthorizationRule {
  from?: { source: SourceMatch }[];
  to?: { operation: OperationMatch }[];
  when?: unknown[];
}

export interface WorkloadEntry extends Obj {
  spec: { address?: string; serviceAccount?: string; ports?: Record<string, number> };
}

export interface AuthorizationPolicy extends Obj {
  spec: {
    action?: string;
    selector?: { matchLabels?: Record<string, string> };
    targetRef?: TargetRef;
    targetRefs?: TargetRef[];
    rules?: AuthorizationRule[];
  };
}

export interface PeerAuthentication extends Obj {
  spec: {
    selector?: { matchLabels?: Record<string, string> };
    mtls?: { mode?: string };
    portLevelMtls?: Record<string, { mode?: string }>;
  };
}
