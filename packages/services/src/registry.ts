import { alertImplementations } from './alert/implementations.ts';
import { accessImplementations } from './access/implementations.ts';
import { directImplementations } from './cluster-object/implementations.ts';
import { clusterImplementations } from './cluster/implementations.ts';
import { certificateImplementations } from './certificate/implementations.ts';
import { findingImplementations } from './finding/implementations.ts';
import { enrolmentImplementations } from './enrolment/implementations.ts';
import { integrationImplementations } from './integration/implementations.ts';
import type { Implementation } from './kernel/implement.ts';
import { lifecycleImplementations } from './lifecycle/implementations.ts';
import { meshImplementations } from './mesh/implementations.ts';
import { objectiveImplementations } from './objective/implementations.ts';
import { policyImplementations } from './policy/implementations.ts';
import { proxyImplementations } from './proxy/implementations.ts';
import { releaseImplementations } from './release/implementations.ts';
import { sandboxImplementations } from './sandbox/implementations.ts';
import { serviceImplementations } from './service/implementations.ts';
import { topologyImplementations } from './topology/implementations.ts';
import { traceImplementations } from './trace/implementations.ts';
import { waypointImplementations } from './waypoint/implementations.ts';
import { waypointPoolImplementations } from './waypoint-pool/implementations.ts';

/** Every verb's implementation by its id; a test holds this against the catalogue. */
export const registry: ReadonlyMap<string, Implementation> = new Map(
  [
    ...accessImplementations,
    ...clusterImplementations,
    ...meshImplementations,
    ...alertImplementations,
    ...findingImplementations,
    ...certificateImplementations,
    ...lifecycleImplementations,
    ...objectiveImplementations,
    ...policyImplementations,
    ...directImplementations,
    ...enrolmentImplementations,
    ...proxyImplementations,
    ...releaseImplementations,
    ...sandboxImplementations,
    ...serviceImplementations,
    ...topologyImplementations,
    ...traceImplementations,
    ...integrationImplementations,
    ...waypointImplementations,
    ...waypointPoolImplementations,
  ].map((implementation) => [implementation.contract.id, implementation]),
);
