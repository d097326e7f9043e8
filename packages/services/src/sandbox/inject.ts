import { sandboxInject } from '@ambit/contracts/operations/sandbox';
import { implement } from '../kernel/implement.ts';
import { reachSandbox, readSandbox, sendFault } from './reach.ts';

export const injectFault = implement(
  sandboxInject,
  async (context, { clusterId, kind, target }) => {
    const url = await reachSandbox(context, clusterId);
    await sendFault(url, { kind, target });
    await context.changed('cluster', clusterId, 'updated');
    return readSandbox(url);
  },
  ({ clusterId }) => clusterId,
);
