import { callOperation, type CallOptions, type ClientOptions } from '../sdk.ts';
import { catalogue } from '@ambit/contracts/catalogue';
import type { OperationContract } from '@ambit/contracts/operation';
import { findTarget, type Target } from './settings.ts';

/** Everything a command touches outside itself, so that tests can look on. */
export interface Shell {
  env: Record<string, string | undefined>;
  out: (text: string) => void;
  err: (text: string) => void;
  readFile: (path: string) => string;
  fetch: typeof fetch;
  /** Ends following: Ctrl-C. */
  signal: AbortSignal;
}

export interface Connection extends Target {
  call: (
    contract: OperationContract,
    input: Record<string, unknown>,
    options?: CallOptions,
  ) => Promise<unknown>;
}

/** A connection to the platform that flags, environment or settings choose. Throws UsageError. */
export function connect(shell: Shell, flags: { url?: string; token?: string }): Connection {
  const target = findTarget(flags, shell.env);
  const options: ClientOptions = { ...target, userAgent: 'ambit-cli/0.1', fetch: shell.fetch };
  return {
    ...target,
    call: (contract, input, more) => callOperation(options, contract, input, more),
  };
}

/** The read of a domain's single thing, if there is one: `mesh.get`. */
export function getterOf(domain: string): OperationContract | undefined {
  const verbs = (catalogue as Record<string, Record<string, OperationContract>>)[domain];
  return verbs?.['get'];
}
