import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';
import { compareObjects } from './bundle/order.ts';
import { meshLabel, withLabels } from './labels.ts';

/** Every policy of a mesh as one bundle; an empty one removes the last policy. */
export function policiesBundle(meshId: string, policies: KubeObject[]): Bundle {
  return {
    format: 1,
    name: 'policies',
    ownership: 'full',
    phases: [
      {
        name: 'policies',
        objects: policies
          .map((policy) => withLabels(policy, { [meshLabel]: meshId }))
          .sort(compareObjects),
        wait: 'none',
      },
    ],
    ignore: [],
  };
}
