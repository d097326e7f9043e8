import type { ReportedWaypoint } from '@ambit/contracts/agent/waypoint';
import type { SleepWish, WaypointSleep } from '@ambit/contracts/operations/waypoint-sleep';
import { counted } from '@ambit/contracts/words';
import { spanText } from './reclaim.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** How a waypoint sleeps, with a sentence that says what it means for who calls it; null: its agent does not tell. Pure. */
export function toSleep(reported: ReportedWaypoint | null): WaypointSleep | null {
  const sleep = reported?.sleep;
  if (!sleep) return null;
  const { phase, afterS, since, held, carried, failed } = sleep;
  return {
    phase,
    afterS,
    since: since === null ? null : iso(since),
    held,
    carried,
    failed: failed && { at: iso(failed.at), message: failed.message },
    sentence: sentenceOf(sleep),
  };
}

function sentenceOf({ phase, afterS, message, held }: NonNullable<ReportedWaypoint['sleep']>) {
  const why = message === '' ? '' : ` (${message})`;
  switch (phase) {
    case 'asleep':
      return `It sleeps${why}: no replica runs. The next connection waits at the agent until one is ready; nothing goes past its policies.`;
    case 'waking':
      return `It is being woken${why}; ${counted(held, 'connection waits', 'connections wait')} for a replica.`;
    case 'fallingAsleep':
      return `It falls asleep${why}: the agent takes its place before its replicas end.`;
    case 'awake':
      return afterS === null
        ? 'It never sleeps.'
        : `It sleeps after ${spanText(afterS)} without a request${why}.`;
  }
}

/** What another wish about its sleep does to a waypoint, a sentence each; none where it stays. Pure. */
export function sleepChange(before: SleepWish, after: SleepWish | undefined): string[] {
  if (after === undefined || after === before) return [];
  return [
    after === 'pool'
      ? 'It sleeps as its pool says.'
      : after === 'never'
        ? 'It does not sleep; if it does now, it is woken.'
        : `Without a request for ${spanText(after)} it has no replica. The next connection waits at the agent until one is ready, some seconds; streams that say nothing for as long are cut. Nothing goes past its policies meanwhile.`,
    'Its replicas roll once: what is asked of it stands on them.',
  ];
}
