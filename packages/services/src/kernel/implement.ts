import type { z } from 'zod';
import type { OperationContract } from '@ambit/contracts/operation';
import type { Caller, Context, Platform } from './context.ts';

/** A verb's contract with the code that does it. */
export interface Implementation<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> {
  contract: OperationContract<I, O>;
  run(context: Context, input: z.output<I>): Promise<z.input<O>>;
  /** The thing acted on, for the audit row; the first id of the input when left out. */
  target?(input: z.output<I>, output: z.input<O> | undefined): string;
  /** Of a verb that waits for others: goes on with what `run` found, after its transaction. */
  outside?(outside: Outside, input: z.output<I>, found: unknown): Promise<z.input<O>>;
}

/** What a verb has outside of its transaction. */
export interface Outside extends Caller {
  platform: Platform;
}

export function implement<I extends z.ZodObject, O extends z.ZodType>(
  contract: OperationContract<I, O>,
  run: Implementation<I, O>['run'],
  target?: Implementation<I, O>['target'],
): Implementation<I, O> {
  return { contract, run, ...(target ? { target } : {}) };
}

/**
 * A verb that waits for something beyond the database (an agent, a server of others) and leaves no more behind than its
 * audit row. `look` authorises and reads in the transaction; `go`
 * then holds none, so that a slow cluster takes no connection from anybody.
 */
export function implementOutside<I extends z.ZodObject, O extends z.ZodType, F>(
  contract: OperationContract<I, O>,
  look: (context: Context, input: z.output<I>) => Promise<F>,
  go: (outside: Outside, input: z.output<I>, found: F) => Promise<z.input<O>>,
): Implementation<I, O> {
  return {
    contract,
    run: look as unknown as Implementation<I, O>['run'],
    outside: go as unknown as NonNullable<Implementation<I, O>['outside']>,
  };
}
