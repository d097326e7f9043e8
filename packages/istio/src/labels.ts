import type { KubeObject } from '@ambit/contracts/common';

/** On every object Ambit puts into a cluster: the id of the mesh it belongs to. */
export const meshLabel = 'ambit.dev/mesh';

/** On every delivered policy: the generation of the mesh's object that it is. */
export const generationAnnotation = 'ambit.dev/generation';

/** The object with labels added; nothing else is touched. */
export function withLabels(object: KubeObject, labels: Record<string, string>): KubeObject {
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } },
  };
}
