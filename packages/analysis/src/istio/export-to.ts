/** Whether a list of `exportTo` means every namespace: it is empty or has `*`. */
export function isExportedToAll(exportTo: readonly string[] | undefined): boolean {
  return exportTo === undefined || exportTo.length === 0 || exportTo.includes('*');
}

/** The namespaces that `exportTo` names, `*` alone for all; `.` is the resource's own. */
export function exportScopes(exportTo: readonly string[] | undefined, namespace: string): string[] {
  if (isExportedToAll(exportTo)) return ['*'];
  return [...new Set((exportTo ?? []).map((scope) => (scope === '.' ? namespace : scope)))];
}

/** The same of a Service, by its annotation `networking.istio.io/exportTo`. */
export function serviceExportScopes(annotation: string | undefined, namespace: string): string[] {
  if (!annotation) return ['*'];
  return annotation.split(',').map((part) => {
    const scope = part.trim();
    return scope === '.' ? namespace : scope;
  });
}
