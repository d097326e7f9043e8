import type { Condition } from '@ambit/contracts/common';

/** One status word of a policy's conditions: the worst that is reported; Progressing before any is. */
export function policyStatus(policy: { conditions: Condition[] }): string {
  const { conditions } = policy;
  if (conditions.length === 0) return 'Waiting';
  if (conditions.some((each) => each.status === 'False'))
    return conditions.some(
      (each) => each.status === 'False' && /pending|progress|waiting|deliver/i.test(each.reason),
    )
      ? 'Progressing'
      : 'Degraded';
  return conditions.some((each) => each.status === 'Unknown') ? 'Progressing' : 'Ready';
}
