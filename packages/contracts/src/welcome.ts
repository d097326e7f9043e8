import { z } from 'zod';
import { timeSchema } from './common.ts';
import { idOf } from './ids.ts';
import { roleSchema } from './permissions.ts';

/** `GET /v1/invitations/open/{token}`: what the holder of the link is told; nobody has to be signed in. */
export const openInvitationSchema = z
  .object({
    organisation: z.object({ name: z.string() }),
    email: z.email(),
    role: roleSchema,
    expiresAt: timeSchema,
    /** True: the person has an account already and gives its password; false: chooses one now. */
    hasAccount: z.boolean(),
  })
  .meta({ id: 'OpenInvitation' });
export type OpenInvitation = z.infer<typeof openInvitationSchema>;

export const passwordSchema = z
  .string()
  .min(12, 'at least 12 characters')
  .max(200, 'at most 200 characters');

/** Body of `POST /v1/invitations/open/{token}/accept`. */
export const acceptInvitationSchema = z.object({
  /** Only used for a new account. */
  name: z.string().trim().min(1, 'a name is needed').max(80, 'at most 80 characters'),
  password: passwordSchema,
});

/** Its answer, with the session's cookie. */
export const acceptedInvitationSchema = z
  .object({ organisationId: idOf('organisation'), email: z.email(), role: roleSchema })
  .meta({ id: 'AcceptedInvitation' });

/** `GET /v1/setup`: what this machine offers to begin with. */
export const setupSchema = z
  .object({
    lab: z.object({
      available: z.boolean(),
      /** Why, or why not, in one sentence. */
      reason: z.string(),
      /** To be run in the checkout, on this machine. */
      command: z.string(),
    }),
  })
  .meta({ id: 'Setup' });
export type Setup = z.infer<typeof setupSchema>;
