import type { Implementation } from '../kernel/implement.ts';
import { getCluster } from './get.ts';
import { joinCluster } from './join.ts';
import { leaveCluster } from './leave.ts';
import { listClusters } from './list.ts';
import { listNamespaces } from './namespaces.ts';
import { renewJoin } from './renew-join.ts';
import { revokeCluster } from './revoke.ts';

export const clusterImplementations: Implementation[] = [
  listClusters,
  getCluster,
  joinCluster,
  renewJoin,
  revokeCluster,
  leaveCluster,
  listNamespaces,
];
