import type { z } from 'zod';
import type { Permission } from './permissions.ts';

export type OperationKind = 'query' | 'command';
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One verb of the product, declared once. The tRPC procedure, the REST route, the OpenAPI entry, the CLI command
 * and the audit name all derive from this; its implementation stands in packages/services.
 */
export interface OperationContract<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
  Kind extends OperationKind = OperationKind,
> {
  /** `domain.verb`; tRPC path, CLI command (`ambit domain verb`) and audit name. */
  id: `${string}.${string}`;
  /** A query changes nothing; a command is audited and may be repeated safely with an idempotency key. */
  kind: Kind;
  /** `self`: any signed-in actor, about himself. */
  permission: Permission | 'self';
  rest: { method: HttpMethod; path: `/v1/${string}`; status?: 200 | 201 | 202 | 204 };
  summary: string;
  description?: string;
  input: Input;
  output: Output;
  /**
   * True: the verb itself holds to the limits of members and tokens (limits.ts). Others that read or write policies
   * are refused to who is limited.
   */
  limited?: boolean;
  /** True: the caller states the version it changes (`If-Match: "<version>"`, field `version` of the input). */
  versioned?: boolean;
  /** Errors beyond the usual ones, told in the API reference. */
  errors?: string[];
  examples?: { name: string; input: z.input<Input> }[];
}

/** Declares a verb. Types of input and output and the kind are kept. */
export function defineOperation<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  Kind extends OperationKind,
>(contract: OperationContract<Input, Output, Kind>): OperationContract<Input, Output, Kind> {
  return contract;
}

export type InputOf<C> = C extends { input: infer I extends z.ZodType } ? z.output<I> : never;
export type OutputOf<C> = C extends { output: infer O extends z.ZodType } ? z.input<O> : never;
