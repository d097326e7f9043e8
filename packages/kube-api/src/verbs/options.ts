import type { RequestContext } from '../engine.ts';
import { badRequest, invalid } from '../status.ts';

export interface WriteOptions {
  dryRun: boolean;
  fieldManager: string;
  fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  force: boolean | undefined;
}

const MAX_MANAGER = 128;

/** The query parameters that writes share. @throws ApiError 400 or 422 for values nobody knows */
export function writeOptions(ctx: RequestContext): WriteOptions {
  const { query } = ctx.request;
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  if (dryRun.some((value) => value !== 'All')) {
    throw badRequest(
      `dryRun: Unsupported value: ${JSON.stringify(dryRun)}: supported values: "All"`,
    );
  }
  const validation = query.get('fieldValidation') ?? '';
  if (
    validation !== '' &&
    validation !== 'Strict' &&
    validation !== 'Warn' &&
    validation !== 'Ignore'
  ) {
    throw badRequest(
      `fieldValidation: Unsupported value: ${JSON.stringify(validation)}: supported values: "Ignore", "Strict", "Warn"`,
    );
  }
  const named = query.get('fieldManager') ?? '';
  if (named.length > MAX_MANAGER) {
    throw invalid(ctx.target.version.resource, ctx.target.name, [
      {
        reason: 'FieldValueTooLong',
        field: 'fieldManager',
        message: `Too long: may not be more than ${MAX_MANAGER} bytes`,
      },
    ]);
  }
  const force = query.get('force');
  return {
    dryRun: dryRun.length > 0,
    fieldManager: named === '' ? managerOf(ctx) : named,
    fieldValidation: validation === '' ? 'Warn' : validation,
    force: force === null ? undefined : isTrue(force),
  };
}

export const isTrue = (value: string | null): boolean => value === 'true' || value === '1';

/** Without a name, the first part of the User-Agent is one. */
function managerOf(ctx: RequestContext): string {
  const agent = ctx.request.header('user-agent') ?? '';
  return (
    agent
      .split('/')[0]!
      .slice(0, MAX_MANAGER)
      .replaceAll(/[^\x20-\x7e]/g, '') || 'unknown'
  );
}

/** A whole number of a query parameter. @throws ApiError 400 */
export function integerParameter(ctx: RequestContext, name: string): number | undefined {
  const text = ctx.request.query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(
      `${name}: Invalid value: ${JSON.stringify(text.slice(0, 64))}: must be a non-negative integer`,
    );
  }
  return Number(text);
}

/** A resourceVersion of a query or body. @throws ApiError 400 */
export function parseRevision(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw badRequest(
      `invalid resource version ${JSON.stringify(text.slice(0, 64))}: resource versions of this server are decimal numbers`,
    );
  }
  return Number(text);
}
