import { createHash } from 'node:crypto';
import {
  admissionType,
  signedAdmissionSchema,
  type AdmissionSettings,
} from '@ambit/contracts/agent/admission';
import { bundleSchema, type Bundle } from '@ambit/contracts/agent/bundle';
import {
  desiredStateSchema,
  desiredStateType,
  type DesiredState,
} from '@ambit/contracts/agent/protocol';
import { readType, signedReadSchema } from '@ambit/contracts/agent/reads';
import {
  signedWaypointsSchema,
  waypointsType,
  type WaypointSettings,
} from '@ambit/contracts/agent/waypoint';
import { canonicalJson } from '@ambit/contracts/canonical';
import { z } from 'zod';
import { verifyPlatform } from './identity.ts';
import type { Session } from './session.ts';

/** What came was changed on its way, or is not from this platform. Nothing of it is used. */
export class Untrusted extends Error {}

type Keys = ReturnType<Session['platformKeys']>;
const signedSchema = z.object({ sub: z.string(), gen: z.number(), dig: z.string() });

/**
 * A desired state that the platform signed for this cluster.
 * @throws Untrusted
 */
export async function verifyDesired(
  bytes: Buffer,
  clusterId: string,
  keys: Keys,
): Promise<DesiredState> {
  const parsed = desiredStateSchema.safeParse(json(bytes));
  if (!parsed.success)
    throw new Untrusted(`the desired state has another form: ${parsed.error.message}`);
  const { bundles, actions, signature, generation } = parsed.data;
  const signed = signedSchema.safeParse(await verifyPlatform(signature, keys, desiredStateType));
  if (!signed.success) throw new Untrusted('the desired state is not signed by the platform');
  const dig = createHash('sha256').update(canonicalJson({ bundles, actions })).digest('hex');
  const { sub, gen } = signed.data;
  if (sub !== clusterId || gen !== generation || signed.data.dig !== dig) {
    throw new Untrusted('the desired state is not what the platform signed');
  }
  return parsed.data;
}

/**
 * The settings of admission that came with a desired state, of the same cluster and generation; null: it is off.
 * @throws Untrusted
 */
export async function verifyAdmission(
  { admission, generation }: Pick<DesiredState, 'admission' | 'generation'>,
  clusterId: string,
  keys: Keys,
): Promise<AdmissionSettings | null> {
  if (admission === undefined) return null;
  const signed = signedAdmissionSchema.safeParse(
    await verifyPlatform(admission, keys, admissionType),
  );
  return ofState(signed, clusterId, generation, 'admission').admission;
}

/**
 * What the waypoint controller goes by, of the same cluster and generation; null: waypoints are left alone.
 * @throws Untrusted
 */
export async function verifyWaypoints(
  { waypoints, generation }: Pick<DesiredState, 'waypoints' | 'generation'>,
  clusterId: string,
  keys: Keys,
): Promise<WaypointSettings | null> {
  if (waypoints === undefined) return null;
  const signed = signedWaypointsSchema.safeParse(
    await verifyPlatform(waypoints, keys, waypointsType),
  );
  return ofState(signed, clusterId, generation, 'waypoints').waypoints;
}

/** Settings are signed by themselves: those of another cluster or generation are refused. */
function ofState<T extends { sub: string; gen: number }>(
  signed: z.ZodSafeParseResult<T>,
  clusterId: string,
  generation: number,
  what: string,
): T {
  if (signed.success && signed.data.sub === clusterId && signed.data.gen === generation) {
    return signed.data;
  }
  throw new Untrusted(`the settings of ${what} are not what the platform signed`);
}

/**
 * A read that the platform signed for this cluster.
 * @throws Untrusted
 */
export async function verifyRead(
  jws: string,
  clusterId: string,
  keys: Keys,
): Promise<z.output<typeof signedReadSchema>> {
  const signed = signedReadSchema.safeParse(await verifyPlatform(jws, keys, readType));
  if (signed.success && signed.data.sub === clusterId) return signed.data;
  throw new Untrusted('a read is not what the platform signed; it is not looked at');
}

/**
 * A bundle whose bytes have the digest that the signed desired state names.
 * @throws Untrusted
 */
export function verifyBundle(bytes: Buffer, digest: string): Bundle {
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (found !== digest) throw new Untrusted(`a bundle should be ${digest} and is ${found}`);
  const parsed = bundleSchema.safeParse(json(bytes));
  if (parsed.success) return parsed.data;
  throw new Untrusted(`the bundle ${digest} has another form: ${parsed.error.message}`);
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Untrusted('what came is not JSON');
  }
}
