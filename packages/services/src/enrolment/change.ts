import { counted } from '@ambit/contracts/words';
import type { InputOf } from '@ambit/contracts/operation';
import {
  enrolmentChange,
  enrolmentPreviewChange,
  enrolmentUndo,
} from '@ambit/contracts/operations/enrolment';
import { planChange, planUndo, type ChangePlan } from '@ambit/istio/enrolment/plan-change';
import type { Profile } from '@ambit/istio/values';
import type { Context } from '../kernel/context.ts';
import { AmbitError, conflict } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';
import { findOperation } from '../lifecycle/get.ts';
import { toOperation } from '../lifecycle/to-operation.ts';
import type { OperationInput } from '../lifecycle/view.ts';
import { lockMesh, requireMesh } from '../mesh/lock.ts';
import { beginEnrolmentChange } from './begin.ts';
import { loadFacts } from './load.ts';
import { currentRows } from './rows.ts';

export const previewEnrolment = implement(enrolmentPreviewChange, async (context, input) => {
  const { profile } = await requireMesh(context.tx, input.meshId);
  return (await planOf(context, input, profile)).preview;
});

export const changeEnrolment = implement(
  enrolmentChange,
  async (context, input) => {
    const mesh = await lockMesh(context.tx, input.meshId);
    if (!mesh.activeRelease) {
      throw conflict(`${mesh.name} has not been Ready yet`, 'wait until its creation is done');
    }
    const { preview, ...change } = await planOf(context, input, mesh.profile);
    refuse(preview);
    const operation = await beginEnrolmentChange(context, mesh, {
      change,
      words: wordsOf(input),
      restart: input.restart,
    });
    return { operation: toOperation(operation) };
  },
  ({ meshId }) => meshId,
);

/** @throws AmbitError unprocessable with everything that stands in the way */
export function refuse({ conflicts }: ChangePlan['preview']): void {
  const errors = conflicts.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return;
  throw new AmbitError(
    'unprocessable',
    errors.map(({ about, message }) => `${about}: ${message}`).join('; '),
    { fix: first.fix },
  );
}

async function planOf(
  { tx, now }: Context,
  input: InputOf<typeof enrolmentChange>,
  profile: Profile,
): Promise<ChangePlan> {
  const { subjects, mode, waypoint, guard, restart } = input;
  return planChange({
    wish: { subjects, mode, waypoint, guard: guard && mode === 'L4+L7', restart },
    profile,
    current: await currentRows(tx, input.meshId),
    clusters: await loadFacts(tx, input.meshId, now),
    now,
  });
}

function wordsOf({ subjects, mode }: InputOf<typeof enrolmentChange>): string {
  const [first] = subjects;
  const what =
    subjects.length === 1 && first
      ? (first.service ?? first.namespace)
      : counted(subjects.length, 'subject');
  return mode === 'none' ? `Take ${what} out of the mesh` : `Enrol ${what}: ${mode}`;
}

export const undoEnrolment = implement(
  enrolmentUndo,
  async (context, { meshId, operationId }) => {
    const mesh = await lockMesh(context.tx, meshId);
    const row = await findOperation(context.tx, operationId);
    const before = row.input as OperationInput;
    if (row.targetId !== meshId || row.type !== 'enrolment.change') {
      throw conflict(`${operationId} is no change of enrolment of ${mesh.name}`);
    }
    if (!before.change) {
      throw conflict(
        `an older Ambit made ${operationId}, without a plan that could be taken back`,
        'change what it enrolled under Enrolment',
      );
    }
    if (row.state !== 'succeeded') {
      throw conflict(
        'only a change that succeeded can be taken back',
        row.finishedAt ? 'it took itself back already' : 'cancel it instead',
      );
    }
    const { tx, now } = context;
    const { preview, ...change } = planUndo(
      {
        profile: mesh.profile,
        current: await currentRows(tx, meshId),
        clusters: await loadFacts(tx, meshId, now),
        now,
      },
      before.change,
      before.restart ?? true,
    );
    refuse(preview);
    const operation = await beginEnrolmentChange(context, mesh, {
      change,
      words: `Take back: ${before.words ?? 'a change of enrolment'}`,
      undoes: operationId,
      restart: before.restart ?? true,
    });
    return { operation: toOperation(operation) };
  },
  ({ meshId }) => meshId,
);
