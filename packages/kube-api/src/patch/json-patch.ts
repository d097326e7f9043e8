import { applyPatch, type Operation } from 'rfc6902';
import { clone } from '../json/value.ts';
import { ApiError, badRequest } from '../status.ts';
import { isObject, type JsonValue } from '../types.ts';

const MAX_OPERATIONS = 10_000;

/**
 * JSON patch (RFC 6902); returns a new value.
 * @throws ApiError 400 for a malformed patch, 413 for more than 10,000 operations, 422 when an
 *   operation does not fit the object or a `test` fails
 */
export function jsonPatch(target: JsonValue, patch: JsonValue): JsonValue {
  if (!Array.isArray(patch)) throw badRequest('a JSON patch is an array of operations');
  if (patch.length > MAX_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  for (const operation of patch) checkOperation(operation);
  const result = { root: clone(target) };
  const errors = applyPatch(result, rooted(patch));
  const failed = errors.findIndex((error) => error !== null);
  if (failed >= 0) {
    const operation = JSON.stringify(patch[failed]);
    throw new ApiError(
      422,
      'Invalid',
      `the server rejected our request due to an error in our request: ${errors[failed]!.message.replace('/root', '')} (operation ${failed}: ${operation.slice(0, 300)})`,
      {},
    );
  }
  return result.root;
}

const kinds = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);

function checkOperation(operation: JsonValue): void {
  if (!isObject(operation) || typeof operation.op !== 'string' || !kinds.has(operation.op)) {
    throw badRequest(`not a JSON patch operation: ${JSON.stringify(operation).slice(0, 300)}`);
  }
  for (const field of ['path', 'from'] as const) {
    const pointer = operation[field];
    if (pointer === undefined && (field === 'path' || ['move', 'copy'].includes(operation.op))) {
      throw badRequest(`a JSON patch operation ${operation.op} needs ${field}`);
    }
    if (pointer === undefined) continue;
    if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) {
      throw badRequest(`not a JSON pointer: ${JSON.stringify(pointer)}`);
    }
    if (pointer.split('/').includes('__proto__')) {
      throw badRequest('the key "__proto__" is not accepted in a patch');
    }
  }
}

/** Under one more level, so that an operation on the whole document works as any other. */
function rooted(patch: JsonValue[]): Operation[] {
  return patch.filter(isObject).map((operation) => ({
    ...operation,
    path: `/root${String(operation.path)}`,
    ...(operation.from === undefined ? {} : { from: `/root${String(operation.from)}` }),
  })) as unknown as Operation[];
}
