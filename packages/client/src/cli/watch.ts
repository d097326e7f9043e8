import { catalogue } from '@ambit/contracts/catalogue';
import { isFinished, type LifecycleOperation, type StepState } from '@ambit/contracts/lifecycle';
import { exitCodes } from './exit-codes.ts';
import type { Connection, Shell } from './shell.ts';

const pollMs = 700;

const marks: Record<StepState, string> = {
  pending: ' ',
  running: '…',
  succeeded: '✓',
  failed: '✗',
  skipped: '-',
  cancelled: '-',
};

/**
 * Prints each step of an operation as it begins and ends, until the operation is over.
 * @returns the exit code: done, failed or cancelled
 */
export async function watchOperation(
  connection: Connection,
  operationId: string,
  shell: Shell,
): Promise<number> {
  const told = new Map<string, string>();
  for (;;) {
    const operation = (await connection.call(catalogue.operation.get, {
      operationId,
    })) as LifecycleOperation;
    for (const line of news(operation, told)) shell.err(`${line}\n`);
    if (isFinished(operation.state)) {
      const what = `${operation.title} ${operation.target.name}`;
      shell.err(
        `${what}: ${operation.state}${operation.message ? `. ${operation.message}` : ''}\n`,
      );
      return (
        { succeeded: exitCodes.done, cancelled: exitCodes.cancelled }[operation.state as string] ??
        exitCodes.failed
      );
    }
    if (shell.signal.aborted) {
      shell.err(`It goes on without this window: ambit operation watch ${operationId}\n`);
      return exitCodes.cancelled;
    }
    await pause(shell.signal);
  }
}

/** Lines for what changed since the last look. */
export function news(operation: LifecycleOperation, told: Map<string, string>): string[] {
  return operation.steps.flatMap((step) => {
    const now = `${step.state} ${step.message}`;
    if (step.state === 'pending' || told.get(step.name) === now) return [];
    told.set(step.name, now);
    const took =
      step.startedAt && step.finishedAt
        ? ` (${((Date.parse(step.finishedAt) - Date.parse(step.startedAt)) / 1000).toFixed(1)} s)`
        : '';
    return [
      `  ${marks[step.state]} ${step.title}${step.message ? `: ${step.message}` : ''}${took}`,
    ];
  });
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, pollMs);
    signal.addEventListener('abort', done);
  });
}
