import { newId } from '@ambit/contracts/ids';
import { inTenant, type Database } from '@ambit/db/database';
import type { ApiRequest, ApiResponse } from '@ambit/kube-api/engine';
import { parseRoute } from '@ambit/kube-api/http/route';
import { findReview } from '@ambit/kube-api/reviews';
import type { Caller } from '../kernel/context.ts';

const actions: Record<string, string> = {
  POST: 'kube.create',
  PUT: 'kube.update',
  PATCH: 'kube.update',
  DELETE: 'kube.delete',
};

/** Writes the audit row of a write that the mesh's Kubernetes API forbade; reads, dry runs and questions leave none. */
export async function auditRefused(
  db: Database,
  caller: Caller,
  meshId: string,
  request: ApiRequest,
  response: ApiResponse,
): Promise<void> {
  const action = actions[request.method];
  if (response.status !== 403 || action === undefined || request.query.has('dryRun')) return;
  const route = parseRoute(request.path);
  if (route?.kind !== 'resource') return;
  const { group, version, plural, namespace, name } = route;
  if (findReview(group, version, plural) !== undefined) return;
  const { organisationId, actor, door, requestId } = caller;
  const resource = group === '' ? plural : `${plural}.${group}`;
  await inTenant(db, organisationId, async (tx) => {
    await tx.auditEntry.create({
      data: {
        id: newId('audit'),
        organisationId,
        actorKind: actor.kind,
        actorId: actor.id,
        actorName: actor.name,
        door,
        action,
        target: meshId,
        outcome: 'refused',
        detail: { meshId, resource, namespace, name, error: messageOf(response) },
        requestId,
      },
    });
    await tx.changeEvent.create({
      data: { organisationId, topic: 'audit', resourceId: 'kube', change: 'created' },
    });
  });
}

/** The message of the Status that refuses. */
function messageOf({ body, headers }: ApiResponse): string {
  if (!Buffer.isBuffer(body) || 'content-encoding' in headers) return 'forbidden';
  const { message } = JSON.parse(body.toString('utf8')) as { message?: string };
  return message ?? 'forbidden';
}
