import { z } from 'zod';
import { timeSchema } from './common.ts';

export const eventTopics = [
  'organisation',
  'project',
  'member',
  'token',
  'cluster',
  'mesh',
  'operation',
  'operation-log',
  'policy',
  'object',
  'audit',
  'finding',
  'alert',
  'alert-route',
  'topology',
  'integration',
  'objective',
  'waypoint',
] as const;
export type EventTopic = (typeof eventTopics)[number];

/** A hint that something changed; the console fetches again what it shows. Sent over `GET /v1/events` (SSE). */
export const changeEventSchema = z.object({
  id: z.string().describe('cursor; send it back as Last-Event-ID to resume'),
  topic: z.enum(eventTopics),
  resourceId: z.string(),
  /** The mesh or cluster it belongs to, when there is one. */
  parentId: z.string().nullable(),
  change: z.enum(['created', 'updated', 'deleted']),
  at: timeSchema,
});
export type ChangeEvent = z.infer<typeof changeEventSchema>;
