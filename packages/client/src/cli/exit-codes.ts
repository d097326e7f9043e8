import type { ErrorCode } from '@ambit/contracts/errors';

/** How the program ends; scripts may rely on these. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  conflict: 5,
  unavailable: 6,
  cancelled: 7,
} as const;

const byErrorCode: Record<ErrorCode, number> = {
  invalid_input: exitCodes.usage,
  unprocessable: exitCodes.usage,
  too_large: exitCodes.usage,
  precondition_required: exitCodes.usage,
  unauthenticated: exitCodes.refused,
  forbidden: exitCodes.refused,
  not_found: exitCodes.notFound,
  conflict: exitCodes.conflict,
  precondition_failed: exitCodes.conflict,
  rate_limited: exitCodes.unavailable,
  unavailable: exitCodes.unavailable,
  internal: exitCodes.failed,
};

export const exitCodeOf = (code: ErrorCode): number => byErrorCode[code];
