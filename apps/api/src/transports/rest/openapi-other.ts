import { changeEventSchema } from '@ambit/contracts/events';
import {
  acceptInvitationSchema,
  acceptedInvitationSchema,
  openInvitationSchema,
  setupSchema,
} from '@ambit/contracts/welcome';
import { errorResponses, type Components, type JsonSchema } from './openapi-components.ts';

const tokenParameter = {
  name: 'token',
  in: 'path',
  required: true,
  description: 'The last part of the invitation link',
  schema: { type: 'string' },
};

/** Routes under /v1 that are no verb of the catalogue. */
export function otherPaths(components: Components): Record<string, Record<string, JsonSchema>> {
  const json = (schema: JsonSchema) => ({ content: { 'application/json': { schema } } });
  return {
    '/v1/events': {
      get: {
        operationId: 'events.follow',
        tags: ['events'],
        summary: 'Follow what changes in the organisation (server-sent events)',
        description:
          'Each message has the cursor as its `id` and a change as its `data`. `Last-Event-ID` resumes behind a cursor. Event `ping` only carries a newer cursor; event `reset` says that changes may have been missed and everything shown is to be read again.',
        parameters: [
          { $ref: '#/components/parameters/Organisation' },
          { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } },
        ],
        responses: {
          200: {
            description: 'A stream of changes',
            content: {
              'text/event-stream': { schema: components.inline(changeEventSchema, 'output') },
            },
          },
          ...errorResponses(['invalid_input', 'unauthenticated', 'forbidden', 'unavailable']),
        },
      },
    },
    '/v1/setup': {
      get: {
        operationId: 'setup.get',
        tags: ['setup'],
        summary: 'What this machine offers to begin with',
        responses: {
          200: { description: 'Setup', ...json(components.inline(setupSchema, 'output')) },
          ...errorResponses(['unauthenticated', 'unavailable']),
        },
      },
    },
    '/v1/invitations/open/{token}': {
      get: {
        operationId: 'invitation.open',
        tags: ['invitation'],
        summary: 'What an invitation link is for',
        security: [],
        parameters: [tokenParameter],
        responses: {
          200: {
            description: 'The invitation',
            ...json(components.inline(openInvitationSchema, 'output')),
          },
          ...errorResponses(['not_found', 'rate_limited', 'unavailable']),
        },
      },
    },
    '/v1/invitations/open/{token}/accept': {
      post: {
        operationId: 'invitation.accept',
        tags: ['invitation'],
        summary: 'Accept an invitation, and sign in',
        security: [],
        parameters: [tokenParameter],
        requestBody: {
          required: true,
          ...json(components.inline(acceptInvitationSchema, 'input')),
        },
        responses: {
          201: {
            description: 'Joined; the session comes as a cookie',
            ...json(components.inline(acceptedInvitationSchema, 'output')),
          },
          ...errorResponses([
            'invalid_input',
            'unauthenticated',
            'not_found',
            'rate_limited',
            'unavailable',
          ]),
        },
      },
    },
  };
}
