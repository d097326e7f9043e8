import { sandboxGet } from '@ambit/contracts/operations/sandbox';
import { implement } from '../kernel/implement.ts';
import { reachSandbox, readSandbox } from './reach.ts';

export const getSandbox = implement(sandboxGet, async (context, { clusterId }) =>
  readSandbox(await reachSandbox(context, clusterId)),
);
