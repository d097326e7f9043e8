import type { RequestContext } from '../engine.ts';
import { readPath } from '../json-path.ts';
import { clone } from '../json/value.ts';
import type { ScalePaths } from '../kinds/kind.ts';
import { decodeObject } from '../object-bytes.ts';
import { decodeJson } from '../json/body.ts';
import { invalid, methodNotAllowed, notFound, pathNotFound } from '../status.ts';
import { isObject, type JsonObject, type JsonValue, type KubeObject } from '../types.ts';
import { readBody } from './intake.ts';
import { keyOf, modify } from './modify.ts';
import { writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';
import { applyPatch, patchType } from './patch.ts';

/** The autoscaling/v1 Scale of an object: GET, PUT and PATCH. */
export async function scale(ctx: RequestContext, verb: string): Promise<Outcome> {
  const { version } = ctx.target;
  const paths = version.source.scale;
  if (paths === undefined) throw pathNotFound();
  if (verb === 'get') {
    const stored = await ctx.engine.store.get(keyOf(ctx));
    if (stored === undefined) throw notFound(version.resource, ctx.target.name);
    return { code: 200, value: toScale(decodeObject(stored), paths) };
  }
  if (verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
  const options = writeOptions(ctx);
  const change = verb === 'update' ? replacing(await readBody(ctx)) : await patching(ctx);
  const outcome = await modify(ctx, options, verb, (live) => {
    const before = toScale(live, paths);
    const after = change(before);
    const replicas = isObject(after) && isObject(after.spec) ? (after.spec.replicas ?? 0) : 0;
    if (!Number.isInteger(replicas) || (replicas as number) < 0) {
      throw invalid({ group: 'autoscaling', plural: 'scales', kind: 'Scale' }, ctx.target.name, [
        {
          reason: 'FieldValueInvalid',
          field: 'spec.replicas',
          message: `Invalid value: ${JSON.stringify(replicas)}: must be greater than or equal to 0`,
        },
      ]);
    }
    const next = clone(live);
    setPath(next, paths.specReplicasPath, replicas);
    const wanted =
      isObject(after) && isObject(after.metadata) ? after.metadata.resourceVersion : undefined;
    if (typeof wanted === 'string') next.metadata.resourceVersion = wanted;
    return { next };
  });
  const written = JSON.parse(outcome.bytes!.toString('utf8')) as KubeObject;
  return { code: 200, value: toScale(written, paths) };
}

const replacing =
  ({ value }: { value: JsonValue }) =>
  (): JsonValue =>
    value;

async function patching(ctx: RequestContext): Promise<(before: JsonObject) => JsonValue> {
  const type = patchType(ctx);
  const { limits } = ctx.engine;
  const { value } = decodeJson(await ctx.request.body(limits.bodyBytes), limits);
  return (before) => applyPatch(type === 'apply' ? 'merge' : type, before, value, ctx);
}

function toScale(object: KubeObject, paths: ScalePaths): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector =
    paths.labelSelectorPath === undefined
      ? undefined
      : readPath(object, paths.labelSelectorPath)[0];
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: readPath(object, paths.specReplicasPath)[0] ?? 0 },
    status: {
      replicas: readPath(object, paths.statusReplicasPath)[0] ?? 0,
      selector: selectorText(selector),
    },
  };
}

/** Scale shows a selector as text. */
function selectorText(selector: JsonValue | undefined): string | undefined {
  if (typeof selector === 'string') return selector;
  if (!isObject(selector)) return undefined;
  const labels = isObject(selector.matchLabels) ? selector.matchLabels : {};
  const parts = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  return parts.length === 0 ? undefined : parts.join(',');
}

function setPath(object: JsonObject, path: string, value: JsonValue): void {
  const names = path.replace(/^\./, '').split('.');
  let at = object;
  for (const name of names.slice(0, -1)) {
    const next = at[name];
    at = isObject(next) ? next : ((at[name] = {}) as JsonObject);
  }
  at[names.at(-1)!] = value;
}
