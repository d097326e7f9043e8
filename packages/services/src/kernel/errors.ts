import type { ErrorCode, Issue } from '@ambit/contracts/errors';

/** The only error a service throws on purpose; every door maps its code, and shows its message. */
export class AmbitError extends Error {
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly details: Issue[] | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { fix?: string; details?: Issue[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = 'AmbitError';
    this.code = code;
    this.fix = more.fix;
    this.details = more.details;
  }
}

/** Also for what belongs to another organisation: its existence is not told. */
export function notFound(noun: string, id: string): AmbitError {
  return new AmbitError('not_found', `no ${noun} ${id} in this organisation`);
}

export function conflict(message: string, fix?: string): AmbitError {
  return new AmbitError('conflict', message, { fix });
}

export function invalid(message: string, details: Issue[] = [], fix?: string): AmbitError {
  return new AmbitError('invalid_input', message, { details, fix });
}
