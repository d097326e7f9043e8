import { isFinished, type OperationState } from '@ambit/contracts/lifecycle';
import { inTenant, type Tx } from '@ambit/db/database';
import { effectsOf } from '../kernel/effects.ts';
import { refreshMesh } from '../mesh/refresh.ts';
import { decide } from './decide/decide.ts';
import type { Decision } from './decision.ts';
import type { Engine } from './engine.ts';
import { loadView, type OperationRow } from './load-view.ts';
import { perform } from './perform.ts';
import { keepRendering, renderFor, type Rendering } from './render-for.ts';
import type { View } from './view.ts';

const renderLeaseMs = 10_000;
const renderRetryMs = 3_000;
const mostRounds = 40;
/** After a process died between two rounds the sweep comes by this soon. */
const nextRoundMs = 1_000;

/**
 * Looks at an operation and carries out what is decided, until it has to wait. Any number of processes may do this at
 * once: each round holds the operation's row lock, commits everything or nothing, and leaves a time for the next look.
 * @returns the state it is left in; undefined when there is no such unfinished operation
 */
export async function advance(
  engine: Engine,
  organisationId: string,
  operationId: string,
): Promise<OperationState | undefined> {
  let state: OperationState | undefined;
  for (let round = 0; round < mostRounds; round++) {
    const done = await inTenant(engine.db, organisationId, (tx) =>
      oneRound(engine, tx, organisationId, operationId),
    );
    await engine.at?.('committed');
    state = done.state;
    if (done.render) {
      await engine.at?.('rendering');
      const rendering = await renderFor(engine, organisationId, done.render);
      await engine.at?.('rendered');
      const again = await inTenant(engine.db, organisationId, (tx) =>
        keep(engine, tx, operationId, rendering),
      );
      if (!again) return state;
    } else if (done.wakeInMs !== 0) {
      return state;
    }
  }
  return state;
}

interface Round {
  state: OperationState | undefined;
  wakeInMs: number | null;
  render?: View;
}

async function oneRound(
  engine: Engine,
  tx: Tx,
  organisationId: string,
  operationId: string,
): Promise<Round> {
  const row = await lock(tx, operationId);
  if (!row) return { state: undefined, wakeInMs: null };
  await engine.at?.('locked');
  const now = engine.now();
  const view = await loadView(tx, row, engine.releases, now);
  const decision = decide(view);
  const render = decision.effects.some((effect) => effect.do === 'render');
  const until = decision.memory.renderingUntil;
  if (render && until && Date.parse(until) > now.getTime()) {
    await tx.operation.update({ where: { id: row.id }, data: { nextLookAt: new Date(until) } });
    return { state: decision.state, wakeInMs: null };
  }
  if (render) {
    decision.memory.renderingUntil = new Date(now.getTime() + renderLeaseMs).toISOString();
  }
  await engine.at?.('decided');
  await carryOut(engine, tx, organisationId, row, view, decision, render);
  await engine.at?.('performed');
  return {
    state: decision.state,
    wakeInMs: decision.wakeInMs,
    ...(render ? { render: view } : {}),
  };
}

async function carryOut(
  engine: Engine,
  tx: Tx,
  organisationId: string,
  row: OperationRow,
  view: View,
  decision: Decision,
  render: boolean,
): Promise<void> {
  const { now } = view;
  const { enqueue, changed } = effectsOf(tx, organisationId);
  for (const effect of decision.effects) {
    await perform(
      {
        tx,
        organisationId,
        operationId: row.id,
        meshId: row.targetId,
        now,
        memory: decision.memory,
        enqueue,
        changed,
      },
      effect,
    );
  }
  await writeSteps(tx, row.id, decision, now);
  if (decision.logs.length > 0) {
    await tx.operationLog.createMany({
      data: decision.logs.map((line) => ({
        operationId: row.id,
        organisationId,
        at: now,
        ...line,
      })),
    });
    await changed('operation-log', row.id, 'created', row.targetId);
  }
  const wakeInMs = render
    ? renderLeaseMs
    : decision.wakeInMs === 0
      ? nextRoundMs
      : decision.wakeInMs;
  await tx.operation.update({
    where: { id: row.id },
    data: {
      state: decision.state,
      memory: decision.memory as object,
      ...(row.startedAt ? {} : { startedAt: now }),
      ...(wakeInMs === null ? {} : { nextLookAt: new Date(now.getTime() + wakeInMs) }),
      ...(decision.finish
        ? {
            finishedAt: now,
            reason: decision.finish.reason,
            message: decision.finish.message,
            result: decision.finish.result as object,
          }
        : {}),
    },
  });
  const visible =
    decision.steps.length > 0 || decision.state !== row.state || decision.finish !== null;
  if (visible) await changed('operation', row.id, 'updated', row.targetId);
  if (visible || decision.effects.length > 0) {
    await refreshMesh(
      { tx, organisationId, releases: engine.releases, changed },
      row.targetId,
      now,
    );
  }
}

async function writeSteps(
  tx: Tx,
  operationId: string,
  decision: Decision,
  now: Date,
): Promise<void> {
  for (const { name, state, message } of decision.steps) {
    const over = state !== 'running' && state !== 'pending';
    await tx.operationStep.updateMany({
      where: { operationId, name },
      data: { state, message, ...(over ? { finishedAt: now } : {}) },
    });
    if (state !== 'skipped') {
      await tx.operationStep.updateMany({
        where: { operationId, name, startedAt: null },
        data: { startedAt: now },
      });
    }
  }
}

/** Keeps what was rendered. @returns false when the operation is over, or has to wait before it tries again */
async function keep(
  engine: Engine,
  tx: Tx,
  operationId: string,
  rendering: Rendering,
): Promise<boolean> {
  const row = await lock(tx, operationId);
  if (!row) return false;
  const now = engine.now();
  const memory = row.memory as View['operation']['memory'];
  await keepRendering(tx, row.organisationId, memory, rendering);
  const mayRepeat = rendering.error !== undefined && !rendering.error.final;
  await tx.operation.update({
    where: { id: row.id },
    data: {
      memory: memory as object,
      nextLookAt: new Date(now.getTime() + (mayRepeat ? renderRetryMs : nextRoundMs)),
    },
  });
  if (rendering.lines.length > 0) {
    await tx.operationLog.createMany({
      data: rendering.lines.map((text) => ({
        operationId: row.id,
        organisationId: row.organisationId,
        at: now,
        step: 'render',
        level: 'info',
        text,
      })),
    });
  }
  return !mayRepeat;
}

/**
 * The unfinished operation, its row locked until the transaction ends; undefined when there is none. NO KEY: an agent's
 * report, which holds its cluster's row, may write log lines of this operation meanwhile without a deadlock.
 */
async function lock(tx: Tx, operationId: string): Promise<OperationRow | undefined> {
  const locked = await tx.$queryRaw<
    { id: string }[]
  >`SELECT id FROM operation WHERE id = ${operationId} AND finished_at IS NULL FOR NO KEY UPDATE`;
  if (locked.length === 0) return undefined;
  const row = await tx.operation.findUniqueOrThrow({ where: { id: operationId } });
  return isFinished(row.state as OperationState) ? undefined : row;
}
