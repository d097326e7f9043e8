/** The parts of Gateway API kinds that rules look at, as they are written. */

import type { LabelSelector } from './kubernetes.ts';

export type ObjectReference = {
  group?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  sectionName?: string;
  port?: number;
};

export type Listener = {
  name?: string;
  hostname?: string;
  port?: number;
  protocol?: string;
  tls?: { mode?: string; certificateRefs?: ObjectReference[] };
  allowedRoutes?: {
    namespaces?: { from?: string; selector?: LabelSelector };
    kinds?: { group?: string; kind?: string }[];
  };
};

export type GatewaySpec = {
  gatewayClassName?: string;
  listeners?: Listener[];
  addresses?: { type?: string; value?: string }[];
};

export type GatewayClassSpec = { controllerName?: string };

export type BackendRef = ObjectReference & { weight?: number };

export type RouteFilter = { type?: string; requestMirror?: { backendRef?: ObjectReference } };

export type RouteRule = {
  name?: string;
  matches?: object[];
  filters?: RouteFilter[];
  backendRefs?: (BackendRef & { filters?: RouteFilter[] })[];
  timeouts?: { request?: string; backendRequest?: string };
  retry?: { attempts?: number; backoff?: string };
};

/** HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute. */
export type RouteSpec = {
  parentRefs?: ObjectReference[];
  hostnames?: string[];
  rules?: RouteRule[];
};

export type ReferenceGrantSpec = {
  from?: { group?: string; kind?: string; namespace?: string }[];
  to?: { group?: string; kind?: string; name?: string }[];
};

export type BackendTlsPolicySpec = {
  targetRefs?: ObjectReference[];
  validation?: {
    hostname?: string;
    caCertificateRefs?: ObjectReference[];
    wellKnownCACertificates?: string;
  };
};

export type ListenerSetSpec = { parentRef?: ObjectReference; listeners?: Listener[] };
