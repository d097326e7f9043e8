import type { Bundle } from '@ambit/contracts/agent/bundle';
import type { KubeObject } from '@ambit/contracts/common';
import { compareObjects } from './bundle/order.ts';
import { generationAnnotation, meshLabel, withLabels } from './labels.ts';

/** A policy as it is delivered: with the generation of the mesh's object, so that its status can be told apart. */
export function delivered(policy: KubeObject, generation: number): KubeObject {
  const annotations = {
    ...policy.metadata.annotations,
    [generationAnnotation]: String(generation),
  };
  return { ...policy, metadata: { ...policy.metadata, annotations } };
}

/**
 * Every policy of a mesh as one bundle; an empty one removes the last policy.
 * @param takeOver objects of others that a person decided to hand over
 */
export function policiesBundle(
  meshId: string,
  policies: KubeObject[],
  takeOver: Bundle['takeOver'] = [],
): Bundle {
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
    ...(takeOver.length > 0 ? { takeOver } : {}),
  };
}
