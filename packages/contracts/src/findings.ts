/** What admission does about the findings of a rule that a write would introduce. */
export const ruleModes = ['deny', 'warn', 'off'] as const;
export type RuleMode = (typeof ruleModes)[number];

export const findingSeverities = ['error', 'warning', 'info'] as const;
export type FindingSeverity = (typeof findingSeverities)[number];

/** What holds where a mesh sets nothing: errors and warnings are told, hints are not. */
export const defaultMode = (severity: FindingSeverity): RuleMode =>
  severity === 'info' ? 'off' : 'warn';
