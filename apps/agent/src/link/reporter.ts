import { randomUUID } from 'node:crypto';
import {
  agentLimits,
  agentPaths,
  statusReplySchema,
  type StatusReport,
} from '@ambit/contracts/agent/protocol';
import { makeBell, sleep } from '../wait.ts';
import { backoffMs } from './backoff.ts';
import { fitReport } from './fit-report.ts';
import { LinkError } from './http.ts';
import type { LogRing } from './log-ring.ts';
import type { Session } from './session.ts';

export type Snapshot = Omit<StatusReport, 'bootId' | 'startedAt' | 'seq' | 'logs'>;

export interface ReporterInput {
  session: Pick<Session, 'call' | 'nowMs'>;
  /** What is true now; called when a report is about to go out. */
  snapshot(): Snapshot;
  logs: LogRing;
  say(level: 'info' | 'warn' | 'error', message: string): void;
  heartbeatMs?: number;
}

export interface Reporter {
  /** Something changed: a report goes out as soon as it may. Any number of changes make one report. */
  changed(): void;
  run(signal: AbortSignal): Promise<void>;
  sent(): number;
}

/** Sends snapshots, latest wins: at most three a second, fewer when the platform asks, one every 20 s at least. */
export function makeReporter(input: ReporterInput): Reporter {
  const { session, logs, say } = input;
  const bell = makeBell();
  let boot = { bootId: randomUUID(), startedAt: new Date(session.nowMs()).toISOString() };
  let seq = 0;
  let sent = 0;

  const send = async (signal: AbortSignal): Promise<number> => {
    const batch = logs.peek();
    const report = fitReport({ ...boot, seq: seq++, ...input.snapshot(), logs: batch.lines });
    const { bytes } = await session.call(agentPaths.status, { json: report, signal });
    const reply = statusReplySchema.parse(JSON.parse(bytes.toString()));
    sent += 1;
    if (reply.acceptedSeq === report.seq) batch.taken();
    // Dropped as older than another life of this agent, by a clock that was ahead: begin a life that is newer.
    else {
      const newer = Math.max(session.nowMs(), Date.parse(boot.startedAt) + 1);
      boot = { bootId: randomUUID(), startedAt: new Date(newer).toISOString() };
    }
    if (batch.lines.length > 0 && logs.peek().lines.length > 0) bell.ring();
    return Math.max(agentLimits.statusMinIntervalMs, reply.slowMs ?? 0);
  };

  return {
    changed: bell.ring,
    sent: () => sent,
    run: async (signal) => {
      for (let failures = 0; !signal.aborted;) {
        try {
          const pauseMs = await send(signal);
          failures = 0;
          await sleep(pauseMs, signal);
          await bell.heard(input.heartbeatMs ?? agentLimits.heartbeatMs, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (failures === 0) {
            say(
              'warn',
              `the status could not be reported: ${error instanceof Error ? error.message : String(error)}`,
            );
          }
          const asked = error instanceof LinkError ? error.retryAfterMs : null;
          await sleep(asked ?? backoffMs(failures++, Math.random()), signal).catch(() => {});
        }
      }
    },
  };
}
