import { matchesGlob, suppressionsOf } from '../suppress.ts';
import type { Finding } from '../finding.ts';
import { defaultMode, type RuleMode } from '@ambit/contracts/findings';

/** What admission goes by in a mesh. */
export interface AdmissionSettings {
  modes: ReadonlyMap<string, RuleMode>;
  suppressions: { code: string; resource: string; expiresAt: number | null }[];
}

/** True when nothing can be denied or told: every rule is off. */
export const isOff = ({ modes }: AdmissionSettings): boolean =>
  modes.get('*') === 'off' && [...modes.values()].every((mode) => mode === 'off');

const strictestFirst = ['deny', 'warn', 'off'] as const satisfies RuleMode[];

/**
 * What admission does about a finding that a write would introduce. Codes of other catalogues that say the same count
 * when they are set by name: the strictest goes.
 */
export function modeOf(
  settings: AdmissionSettings,
  finding: Pick<Finding, 'code' | 'severity' | 'resource' | 'also'>,
  annotations: Readonly<Record<string, string>>,
  now: number,
): RuleMode {
  const annotated = suppressionsOf(annotations).map(
    ({ code, resource = '*', expiresAt = null }) => ({
      code,
      resource,
      expiresAt,
    }),
  );
  const isHidden = [...annotated, ...settings.suppressions].some(
    ({ code, resource, expiresAt }) =>
      (code === '*' || code === finding.code) &&
      (expiresAt === null || expiresAt > now) &&
      matchesGlob(resource, finding.resource),
  );
  if (isHidden) return 'off';
  const { modes } = settings;
  const own = modes.get(finding.code) ?? modes.get('*') ?? defaultMode(finding.severity);
  const all = [own, ...(finding.also ?? []).flatMap((code) => modes.get(code) ?? [])];
  return strictestFirst.find((mode) => all.includes(mode)) ?? own;
}
