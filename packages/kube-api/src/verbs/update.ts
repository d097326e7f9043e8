import type { RequestContext } from '../engine.ts';
import { invalid } from '../status.ts';
import { clone } from '../json/value.ts';
import { intake, readBody } from './intake.ts';
import { modify } from './modify.ts';
import { writeOptions } from './options.ts';
import type { Outcome } from './outcome.ts';

/** PUT: the whole object. Custom resources have to say which version they replace. */
export async function update(ctx: RequestContext): Promise<Outcome> {
  const options = writeOptions(ctx);
  const object = intake(ctx, await readBody(ctx), options);
  const { resource } = ctx.target.version;
  if (resource.source.native !== true && (object.metadata.resourceVersion ?? '') === '') {
    throw invalid({ ...resource, kind: resource.plural }, ctx.target.name, [
      {
        reason: 'FieldValueInvalid',
        field: 'metadata.resourceVersion',
        message: 'Invalid value: 0: must be specified for an update',
      },
    ]);
  }
  return modify(ctx, options, 'update', () => ({ next: clone(object) }));
}
