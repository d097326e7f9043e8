import type { z } from 'zod';
import type { OperationContract } from '@ambit/contracts/operation';
import type { Context } from './context.ts';

/** A verb's contract with the code that does it. */
export interface Implementation<
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> {
  contract: OperationContract<I, O>;
  run(context: Context, input: z.output<I>): Promise<z.input<O>>;
  /** The thing acted on, for the audit row; the first id of the input when left out. */
  target?(input: z.output<I>, output: z.input<O> | undefined): string;
}

export function implement<I extends z.ZodObject, O extends z.ZodType>(
  contract: OperationContract<I, O>,
  run: Implementation<I, O>['run'],
  target?: Implementation<I, O>['target'],
): Implementation<I, O> {
  return { contract, run, ...(target ? { target } : {}) };
}
