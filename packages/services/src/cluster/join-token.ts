import type { z } from 'zod';
import { agentLimits, agentPaths } from '@ambit/contracts/agent/protocol';
import type { joinSchema } from '@ambit/contracts/operations/cluster';
import type { Platform } from '../kernel/context.ts';
import { hashSecret, newSecret } from '../kernel/keys.ts';

export interface JoinToken {
  /** Columns of the cluster's row. */
  columns: { joinTokenHash: string; joinTokenExpiresAt: Date };
  join: z.input<typeof joinSchema>;
}

/** A one-time join token, valid for an hour: what is stored of it, and what the person is shown once. */
export function newJoinToken(platform: Pick<Platform, 'publicUrl'>, now: Date): JoinToken {
  const token = newSecret('ambitjoin');
  const expiresAt = new Date(now.getTime() + agentLimits.joinTokenTtlMs);
  const manifestUrl = `${platform.publicUrl}${agentPaths.manifest}?token=${token}`;
  return {
    columns: { joinTokenHash: hashSecret(token), joinTokenExpiresAt: expiresAt },
    join: {
      token,
      expiresAt: expiresAt.toISOString(),
      manifestUrl,
      commands: {
        kubectl: `kubectl apply -f "${manifestUrl}"`,
        ambit: `ambit agent install "${manifestUrl}"`,
      },
    },
  };
}
