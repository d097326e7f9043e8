import type { RouteTarget } from '@ambit/contracts/operations/alert-route';
import type { Notification } from '../facts.ts';
import type { AddressGuard } from './addresses.ts';

/** What a sender has to send, and with what. */
export interface Outgoing<K extends RouteTarget['kind'] = RouteTarget['kind']> {
  deliveryId: string;
  /** The same for every notification of one group; null for tests. */
  groupId: string | null;
  target: Extract<RouteTarget, { kind: K }>;
  notification: Notification;
  /** Address of the console, without a trailing slash. */
  publicUrl: string;
  now: Date;
  guard: AddressGuard;
  timeoutMs: number;
}

/** What does not depend on where it goes. */
export type Told = Omit<Outgoing, 'target'>;

export interface Sent {
  status: number;
  text: string;
  retryAfterSeconds: number | null;
}

export const at = (publicUrl: string, path: string): string => `${publicUrl}${path}`;
