import { isObject, type JsonObject, type KubeObject } from '../types.ts';

export const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Writes the status of a CRD whose kind is served: names accepted, established. */
export function establish(crd: KubeObject, time: string): void {
  const spec = isObject(crd.spec) ? crd.spec : {};
  const names: JsonObject = isObject(spec.names) ? { ...spec.names } : {};
  const kind = String(names.kind ?? '');
  names.listKind ??= `${kind}List`;
  names.singular ??= kind.toLowerCase();
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isObject) : [];
  const stored = versions
    .filter((version) => version.storage === true)
    .map((version) => version.name ?? '');
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime: time,
    reason,
    message,
  });
  crd.status = {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: names,
    storedVersions: stored,
  };
}
