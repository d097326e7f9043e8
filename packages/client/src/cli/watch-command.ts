import { exitCodes } from './exit-codes.ts';
import { parseLine } from './parse.ts';
import { connect, type Shell } from './shell.ts';
import { UsageError } from './usage-error.ts';
import { watchOperation } from './watch.ts';

const help = `Follow a lifecycle change, step by step, to its end.

Usage: ambit operation watch OPERATION

Ends with 0 when it succeeded, ${exitCodes.failed} when it failed, ${exitCodes.cancelled} when it was cancelled.
Ctrl-C ends only the watching.
`;

export function watchCommand(args: string[], shell: Shell): Promise<number> {
  const { globals, positionals } = parseLine(args, {});
  const [id, ...more] = positionals;
  if (globals.help) {
    shell.out(help);
    return Promise.resolve(exitCodes.done);
  }
  if (!id || more.length > 0) {
    throw new UsageError('one operation is needed', 'ambit operation watch opr_…');
  }
  return watchOperation(connect(shell, globals), id, shell);
}
