import type { BundleStatus } from '@ambit/contracts/agent/protocol';
import type { ObjectRef } from '@ambit/contracts/common';
import { KubeError } from '../../kube/client.ts';
import { UnknownKind } from '../../kube/resources.ts';

/** One thing that stands in the way of a bundle, as it is reported. */
export type Problem = BundleStatus['errors'][number] & {
  /** It may pass by itself: the API server or a webhook is away for a moment. */
  transient: boolean;
};

/** Some objects could not be applied or removed; the pass goes on later. */
export class Problems extends Error {
  readonly problems: Problem[];

  constructor(problems: Problem[]) {
    super(problems[0]?.message ?? 'nothing is wrong');
    this.name = 'Problems';
    this.problems = problems;
  }
}

export const nameOf = (ref: ObjectRef): string =>
  `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`;

/** What an error means for an object, in words for the person who has to do something about it. */
export function problemOf(object: ObjectRef | null, error: unknown): Problem {
  const say = (reason: string, message: string, transient = false): Problem => ({
    object,
    reason,
    message: object ? `${nameOf(object)}: ${message}` : message,
    transient,
  });
  if (error instanceof Problems && error.problems[0]) return error.problems[0];
  if (error instanceof UnknownKind) return say('KindNotServed', error.message, true);
  if (!(error instanceof KubeError)) {
    return say('Unreachable', error instanceof Error ? error.message : String(error), true);
  }
  if (/failed calling webhook/.test(error.message)) {
    return say('WebhookUnavailable', error.message, true);
  }
  switch (error.status) {
    case 409: {
      const managers = conflicting(error);
      return managers.length > 0
        ? say(
            'FieldConflict',
            `${managers.join(', ')} set fields of it that Ambit would change: ${fieldsOf(error)}. Remove them there, or take the object out of this mesh.`,
          )
        : say('Conflict', error.message, true);
    }
    case 403:
      return say('Forbidden', `the agent may not do this: ${error.message}`);
    case 400:
    case 422:
      return say('Invalid', error.message);
    case 404:
      return say('NotFound', error.message, true);
    default:
      return say('ApiError', error.message, error.status >= 429);
  }
}

/** Managers named in the conflict of a server-side apply: `conflict with "kubectl" using v1`. */
function conflicting(error: KubeError): string[] {
  const managers = error.causes.map(({ message }) => /conflict with "([^"]+)"/.exec(message)?.[1]);
  return [...new Set(managers.filter((name) => name !== undefined))];
}

const fieldsOf = (error: KubeError): string =>
  error.causes
    .map(({ field }) => field)
    .slice(0, 5)
    .join(', ');
