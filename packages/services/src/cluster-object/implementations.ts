import type { Implementation } from '../kernel/implement.ts';
import { adoptDirect } from './direct-adopt.ts';
import { decideDirect, leaveDirect } from './direct-decide.ts';
import { getDirect } from './direct-get.ts';
import { listDirect, listDirectInCluster } from './direct-list.ts';

export const directImplementations: Implementation[] = [
  listDirect,
  listDirectInCluster,
  getDirect,
  adoptDirect,
  leaveDirect,
  decideDirect,
];
