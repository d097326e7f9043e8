import { describeLimits, type Limit } from '@ambit/contracts/limits';
import { useMeshNames } from './use-mesh-names.ts';

/** What a member or token is limited to, on one line under the role; nothing without limits. */
export function LimitsLine({ limits }: { limits: readonly Limit[] | null }) {
  const meshes = useMeshNames();
  if (limits === null) return null;
  const words = describeLimits(limits, (id) => meshes.get(id) ?? id);
  return (
    <span className="block truncate text-xs text-ink-3" title={words}>
      {words}
    </span>
  );
}
