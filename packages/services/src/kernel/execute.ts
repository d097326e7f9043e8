import { setTimeout as pause } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { canonicalJson } from '@ambit/contracts/canonical';
import { newId } from '@ambit/contracts/ids';
import { rolePermissions, rolesWith } from '@ambit/contracts/permissions';
import { inTenant, type Tx } from '@ambit/db/database';
import type { Caller, Context, Platform } from './context.ts';
import { assertWithinLimits } from './limits.ts';
import { effectsOf } from './effects.ts';
import { isLostToAnother, isUniqueViolation } from './database-errors.ts';
import { AmbitError, conflict } from './errors.ts';
import type { Implementation } from './implement.ts';
import { auditDetail, withoutSecrets } from './audit-detail.ts';

const mostAttempts = 3;

/**
 * Runs a verb for a caller: authorise, validate, then in one tenant transaction idempotency, the verb itself, audit
 * row and outbox. The same for every door.
 * @throws AmbitError
 */
export async function execute(
  platform: Platform,
  implementation: Implementation,
  caller: Caller,
  rawInput: unknown,
): Promise<unknown> {
  const { contract } = implementation;
  const isCommand = contract.kind === 'command';
  const isAudited = isCommand && !isDryRun(rawInput);
  try {
    authorise(implementation, caller);
    const parsed = contract.input.safeParse(rawInput);
    if (!parsed.success) {
      throw new AmbitError('invalid_input', 'the input is not valid', {
        details: parsed.error.issues.map((issue) => ({
          path: issue.path.join('.'),
          message: issue.message,
        })),
      });
    }
    const { outside } = implementation;
    const found = await repeatedIfLost(() =>
      inTenant(platform.db, caller.organisationId, async (tx) => {
        const context: Context = {
          ...caller,
          tx,
          now: platform.now(),
          platform,
          ...effectsOf(tx, caller.organisationId),
        };
        const remembered = isCommand
          ? await recall(tx, implementation, caller, parsed.data)
          : undefined;
        if (remembered) return remembered.output;
        const ran = await implementation.run(context, parsed.data);
        if (outside) return ran;
        const output = contract.output.parse(ran);
        if (isAudited) {
          await audit(tx, implementation, caller, parsed.data, 'done', output);
          await context.changed('audit', contract.id, 'created');
        }
        if (isCommand) {
          await remember(tx, implementation, caller, parsed.data, output);
        }
        return output;
      }),
    );
    if (!outside) return found;
    const output = contract.output.parse(
      await outside({ ...caller, platform }, parsed.data, found),
    );
    if (isAudited) {
      await inTenant(platform.db, caller.organisationId, async (tx) => {
        await audit(tx, implementation, caller, parsed.data, 'done', output);
        await effectsOf(tx, caller.organisationId).changed('audit', contract.id, 'created');
      });
    }
    return output;
  } catch (thrown) {
    const error = isUniqueViolation(thrown)
      ? conflict('something with this name was made a moment ago', 'read it again, then decide')
      : thrown;
    if (isAudited && error instanceof AmbitError && error.code !== 'invalid_input') {
      await inTenant(platform.db, caller.organisationId, (tx) =>
        audit(tx, implementation, caller, rawInput, 'refused', undefined, error),
      );
    }
    throw error;
  }
}

/** An input that asks only what would happen: nothing is changed, so there is nothing to audit. */
const isDryRun = (input: unknown): boolean =>
  typeof input === 'object' && input !== null && 'dryRun' in input && input.dryRun === true;

/**
 * A transaction that lost against another left nothing behind, so it runs again: after a moment, in which the winner
 * takes what it waited for, or both would meet in the same place.
 */
async function repeatedIfLost<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === mostAttempts || !isLostToAnother(error)) throw error;
      await pause(attempt * (25 + Math.random() * 50));
    }
  }
}

function authorise({ contract }: Implementation, caller: Caller): void {
  const { permission } = contract;
  if (permission === 'self') return;
  if (!rolePermissions[caller.role].includes(permission)) {
    throw new AmbitError('forbidden', `the role ${caller.role} may not do ${contract.id}`, {
      fix: `needs ${permission}, held by ${rolesWith(permission).join(', ')}`,
    });
  }
  if (caller.limits !== undefined) assertWithinLimits(contract, caller.limits);
}

async function audit(
  tx: Tx,
  implementation: Implementation,
  caller: Caller,
  input: unknown,
  outcome: 'done' | 'refused',
  output?: unknown,
  error?: AmbitError,
): Promise<void> {
  const detail = auditDetail(input);
  const target =
    implementation.target && outcome === 'done'
      ? implementation.target(input as never, output as never)
      : targetOf(implementation.contract.id, detail, output);
  await tx.auditEntry.create({
    data: {
      id: newId('audit'),
      organisationId: caller.organisationId,
      actorKind: caller.actor.kind,
      actorId: caller.actor.id,
      actorName: caller.actor.name,
      door: caller.door,
      action: implementation.contract.id,
      target,
      outcome,
      detail: (error ? { ...detail, error: error.message } : detail) as object,
      requestId: caller.requestId,
    },
  });
}

/** The id that the verb is about: of its own domain in the input, else of what it made, else the first of the input. */
function targetOf(id: string, input: Record<string, unknown>, output: unknown): string {
  const domain = id.split('.', 1)[0] ?? '';
  const made = (output ?? {}) as Record<string, unknown>;
  const inner = (made[domain] ?? {}) as Record<string, unknown>;
  const first = Object.entries(input).find(([key]) => key.endsWith('Id'))?.[1];
  const found = input[`${domain}Id`] ?? made.id ?? inner.id ?? first;
  return typeof found === 'string' ? found : '';
}

const inputHash = (input: unknown): string =>
  createHash('sha256').update(canonicalJson(input)).digest('hex');

async function recall(tx: Tx, { contract }: Implementation, caller: Caller, input: unknown) {
  if (!caller.idempotencyKey) return undefined;
  const where = {
    organisationId: caller.organisationId,
    actorId: caller.actor.id,
    key: caller.idempotencyKey,
  };
  // Two requests with one key take turns here, so the second finds what the first left.
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext(${Object.values(where).join('/')}))) AS lock`;
  const row = await tx.idempotencyKey.findUnique({ where: { organisationId_actorId_key: where } });
  if (!row) return undefined;
  if (row.operation !== contract.id || row.inputHash !== inputHash(input)) {
    throw new AmbitError(
      'conflict',
      `the idempotency key ${caller.idempotencyKey} was used for another request`,
      {
        fix: 'use a new key for a new request',
      },
    );
  }
  return { output: row.output };
}

async function remember(
  tx: Tx,
  { contract }: Implementation,
  caller: Caller,
  input: unknown,
  output: unknown,
) {
  if (!caller.idempotencyKey) return;
  await tx.idempotencyKey.create({
    data: {
      organisationId: caller.organisationId,
      actorId: caller.actor.id,
      key: caller.idempotencyKey,
      operation: contract.id,
      inputHash: inputHash(input),
      output: withoutSecrets(output) as object,
    },
  });
}
