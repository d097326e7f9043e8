import type { AgentKeys } from './keys.ts';
import type { ChangeEvent, EventTopic } from '@ambit/contracts/events';
import type { JobData, JobName } from '@ambit/contracts/jobs';
import type { Limit } from '@ambit/contracts/limits';
import type { Role } from '@ambit/contracts/permissions';
import type { Release } from '@ambit/contracts/release';
import type { Database, Tx } from '@ambit/db/database';
import type { Resolution } from '../telemetry-store/resolutions.ts';
import type { Pace } from '../topology/pace.ts';

export type Door = 'console' | 'rest' | 'cli' | 'kubectl' | 'worker' | 'agent';

export interface Actor {
  kind: 'user' | 'token' | 'system';
  id: string;
  name: string;
  email: string | null;
}

/** Who calls, through which door, for which organisation: made by a transport, once a request. */
export interface Caller {
  actor: Actor;
  role: Role;
  /** What of the role's rights is allowed; left out: all. */
  limits?: readonly Limit[];
  organisationId: string;
  door: Door;
  requestId: string;
  idempotencyKey?: string;
  /** The API token of the request, which only the caller's own kubeconfig may hold. */
  apiToken?: string;
  /** W3C trace context of the request, when it is traced. */
  traceparent?: string;
  /** Every organisation the person is a member of; left out where there is only the one above. */
  organisations?: { id: string; name: string; role: Role }[];
}

/** What does not change between requests; read from the environment where a program starts. */
export interface Platform {
  db: Database;
  releases: Release[];
  keys: AgentKeys;
  /** Address people use, without a trailing slash. */
  publicUrl: string;
  /** Address agents use; the same unless a network says otherwise. */
  agentUrl: string;
  agentImage: string;
  /** Where the sandbox cluster of this platform is, when it runs one. */
  sandboxUrl?: string;
  /** Special networks that alerts may be sent into and integrations be asked in. */
  alertAllow?: readonly string[];
  /** How often graphs that somebody looks at are read anew; as topology/pace.ts says when left out. */
  topology?: Partial<Pace>;
  /** How long rates are kept; as telemetry-store/resolutions.ts says when left out. */
  telemetryKept?: readonly Resolution[];
  /** Told of faults that are not the caller's, and that stopped nothing. */
  complain?: (text: string, error: unknown) => void;
  now: () => Date;
  /** Wakes who waits for the database; without it they look again and again. */
  notifications?: {
    on(channel: 'ambit_read', handler: (payload: string | null) => void): () => void;
  };
}

/** First argument of every verb. `tx` sees one organisation only. */
export interface Context extends Caller {
  tx: Tx;
  now: Date;
  platform: Platform;
  /** Queues a job by the outbox, in this transaction. */
  enqueue<N extends JobName>(job: N, data: JobData<N>, notBefore?: Date): Promise<void>;
  /** Tells consoles that something changed, after commit. */
  changed(
    topic: EventTopic,
    resourceId: string,
    change: ChangeEvent['change'],
    parentId?: string,
  ): Promise<void>;
}
