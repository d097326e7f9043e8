import type { PatchOperation } from '@ambit/analysis/finding';
import { canonicalJson } from '@ambit/contracts/canonical';
import { isCollection, isMap, isSeq, parseDocument, type Document } from 'yaml';

/**
 * A text with a JSON patch (RFC 6902) done to it, comments and all.
 * @returns null when the patch does not fit the text: something it goes by is not there, or a test fails
 */
export function patchYaml(text: string, patch: readonly PatchOperation[]): string | null {
  const document = parseDocument(text);
  if (document.errors.length > 0) return null;
  for (const operation of patch) if (!done(document, operation)) return null;
  // As the text does it: `{a: 1}` or `{ a: 1 }`.
  return document.toString({ lineWidth: 0, flowCollectionPadding: /[{[] +[^ ]/.test(text) });
}

function done(document: Document, operation: PatchOperation): boolean {
  const path = operation.path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = path.at(-1);
  if (last === undefined) return false;
  const parentPath = path.slice(0, -1);
  const parent = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  if (!isCollection(parent)) return false;
  const has = isSeq(parent) ? Number(last) < parent.items.length : parent.has(last);
  const key = isSeq(parent) ? Number(last) : last;
  switch (operation.op) {
    case 'test':
      return has && canonicalJson(plain(document, path)) === canonicalJson(operation.value);
    case 'remove':
      if (!has) return false;
      parent.delete(key);
      return true;
    case 'replace':
      if (!has) return false;
      parent.set(key, document.createNode(operation.value));
      return true;
    case 'add': {
      const node = document.createNode(operation.value);
      if (isMap(parent)) {
        parent.set(key, node);
        return true;
      }
      if (!isSeq(parent)) return false;
      const index = last === '-' ? parent.items.length : Number(last);
      if (!Number.isInteger(index) || index < 0 || index > parent.items.length) return false;
      parent.items.splice(index, 0, node);
      return true;
    }
  }
}

function plain(document: Document, path: readonly string[]): unknown {
  let at: unknown = document.toJS();
  for (const step of path) at = (at as Record<string, unknown> | undefined)?.[step];
  return at;
}
