const touchedAt = new Map<string, number>();
const freshMs = 5_000;

/** What the diagnosis of a mesh goes by was changed by this process a moment ago: whoever keeps it reads it again. */
export function touch(meshId: string): void {
  touchedAt.set(meshId, Date.now());
}

export function isTouched(meshId: string): boolean {
  const at = touchedAt.get(meshId);
  if (at === undefined) return false;
  if (Date.now() - at < freshMs) return true;
  touchedAt.delete(meshId);
  return false;
}
