/** A certificate that is valid for less days is told as expiring soon, unless a mesh has a number of its own. */
export const defaultCertificateDays = 30;

export const dayMs = 24 * 60 * 60 * 1000;

/** The day of a time, as findings name it. */
export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

/** Milliseconds until a certificate ends; undefined unless it is valid and to be told as expiring soon. */
export function msLeftOfSoon(
  endMs: number,
  { now, certificateDays }: { now: () => number; certificateDays: number },
): number | undefined {
  const leftMs = endMs - now();
  return leftMs > 0 && leftMs < certificateDays * dayMs ? leftMs : undefined;
}
