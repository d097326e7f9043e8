import { clusterGet } from '@ambit/contracts/operations/cluster';
import { implement } from '../kernel/implement.ts';
import { findCluster, toCluster } from './to-cluster.ts';

export const getCluster = implement(clusterGet, async ({ tx, now }, { clusterId }) =>
  toCluster(await findCluster(tx, clusterId), now),
);
