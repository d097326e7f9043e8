import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  waypointLimits,
  waypointPaths,
  waypointsReplySchema,
  type ReportedWaypoint,
  type WaypointsReport,
} from '@ambit/contracts/agent/waypoint';
import { backoffMs } from '../../link/backoff.ts';
import { LinkError } from '../../link/http.ts';
import type { Session } from '../../link/session.ts';
import { makeBell, sleep } from '../../wait.ts';

const zip = promisify(gzip);

export type WaypointsTold = Omit<WaypointsReport, 'bootId' | 'startedAt' | 'seq'>;

export interface WaypointsSender {
  /** What is true now; latest wins. */
  tell(told: WaypointsTold): void;
  run(signal: AbortSignal): Promise<void>;
  sent(): number;
}

/** Without what changes all the time, and is not worth a report by itself. */
const lasting = (waypoint: ReportedWaypoint) => ({
  ...waypoint,
  figures: null,
  traffic: null,
  lastActiveAt: null,
  scaling: { ...waypoint.scaling, message: '' },
  sleep: waypoint.sleep && { ...waypoint.sleep, message: '' },
});

/** Sends what is told when it changed; figures that alone changed, every half minute. */
export function waypointsSender(
  session: Pick<Session, 'call' | 'nowMs'>,
  say: (level: 'warn', message: string) => void,
): WaypointsSender {
  const bell = makeBell();
  let life = { bootId: randomUUID(), startedAt: Math.floor(session.nowMs()) };
  let seq = 0;
  let told: WaypointsTold | null = null;
  let sentState = '';
  let sentAll = '';
  let sentAt = -Infinity;
  let sent = 0;

  const due = (): string | null => {
    if (!told) return null;
    const all = JSON.stringify(told);
    if (all === sentAll) return null;
    const state = JSON.stringify({ ...told, waypoints: told.waypoints.map(lasting) });
    const isTime = performance.now() - sentAt >= waypointLimits.figuresEveryMs;
    return state !== sentState || isTime ? state : null;
  };

  const send = async (state: string, signal: AbortSignal): Promise<void> => {
    const now = told!;
    const report: WaypointsReport = {
      ...life,
      seq: seq++,
      ...now,
      waypoints: now.waypoints.slice(0, waypointLimits.perCluster),
    };
    const { bytes } = await session.call(waypointPaths.waypoints, {
      gzip: await zip(JSON.stringify(report)),
      signal,
    });
    const reply = waypointsReplySchema.parse(JSON.parse(bytes.toString()));
    if (reply.acceptedSeq !== report.seq) {
      // Another life of this agent, by a clock that was ahead, counts as newer: begin one that is newer still.
      life = {
        bootId: randomUUID(),
        startedAt: Math.max(Math.floor(session.nowMs()), life.startedAt + 1),
      };
      throw new LinkError(409, 'it counts as older than what was told before');
    }
    sent += 1;
    sentState = state;
    sentAll = JSON.stringify(now);
    sentAt = performance.now();
  };

  return {
    sent: () => sent,
    tell: (now) => {
      told = now;
      bell.ring();
    },
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        try {
          const state = due();
          if (state !== null) await send(state, signal);
          failures = 0;
          await sleep(waypointLimits.minIntervalMs, signal);
          await bell.heard(waypointLimits.figuresEveryMs, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (failures === 1) say('warn', `waypoints could not be told: ${String(error)}`);
          const asked = error instanceof LinkError ? error.retryAfterMs : null;
          await sleep(asked ?? backoffMs(failures++, Math.random()), signal).catch(() => {});
        }
      }
    },
  };
}
