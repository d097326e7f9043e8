import type { KindId } from '../kinds.ts';
import { infoOfObject } from '../kinds.ts';
import type { NewObject, Obj } from '../objects.ts';
import type { Cache } from './cache.ts';
import { KubeError, type Client, type Ref } from './client.ts';

/** What a controller wants done. Decisions are data; `act` carries them out. */
export type Action =
  | { do: 'create'; object: NewObject }
  /** Merge patches: a field of null is taken away. */
  | { do: 'patch'; kind: KindId; ref: Ref; patch: object }
  | { do: 'status'; kind: KindId; ref: Ref; status: object }
  | { do: 'delete'; kind: KindId; ref: Ref; uid?: string; graceSeconds?: number };

export const refOf = ({ metadata: { namespace, name } }: Obj): Ref =>
  namespace === undefined ? { name } : { namespace, name };

/** Carries out an action and shows its result to the cache at once, before the watch tells of it. */
export async function act(
  client: Client,
  cache: Cache,
  manager: string,
  action: Action,
): Promise<void> {
  switch (action.do) {
    case 'create':
      cache.put(infoOfObject(action.object).id, await client.create(action.object, manager));
      return;
    case 'patch':
    case 'status': {
      const { kind, ref } = action;
      const sent =
        action.do === 'patch'
          ? client.patch(kind, ref, action.patch, manager)
          : client.patch(kind, ref, { status: action.status }, manager, 'status');
      const object = await unlessGone(sent);
      if (object !== null) cache.put(kind, object);
      return;
    }
    case 'delete': {
      const { kind, ref, uid, graceSeconds } = action;
      const known = cache.get(kind, ref.namespace ?? '', ref.name);
      const options = {
        ...(uid === undefined ? {} : { uid }),
        ...(graceSeconds === undefined ? {} : { graceSeconds }),
      };
      const left = await unlessGone(client.delete(kind, ref, options));
      if (left !== null) cache.put(kind, left);
      else if (known !== undefined) cache.remove(kind, known);
    }
  }
}

/** Somebody else was faster: that is what was wanted. */
async function unlessGone(sent: Promise<Obj | null>): Promise<Obj | null> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return null;
    throw error;
  }
}
