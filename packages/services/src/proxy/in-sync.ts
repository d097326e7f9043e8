import type { ReportedProxy } from '@ambit/contracts/agent/telemetry';

/** Null when istiod could not be asked. One that no istiod knows is not in sync, unless it is only coming up. */
export function isInSync({ istiod, sync, ready }: ReportedProxy): boolean | null {
  if (istiod === null) return null;
  if (istiod === '') return ready ? false : null;
  return Object.values(sync).every((state) => state === 'synced' || state === 'notSent');
}
