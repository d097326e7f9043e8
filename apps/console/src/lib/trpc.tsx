'use client';

import type { AppRouter } from '@ambit/client/trpc';
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { earlyLink } from './early.ts';
import { errorBody } from './errors.ts';
import { organisationHeader } from './organisation.ts';
import { paths } from './paths.ts';

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

/** Verbs that wait for others (servers of metrics, agents): in a batch everything else would wait with them. */
const isSlow = (path: string): boolean =>
  /^(topology|trace|service)\.|^proxy\.(config|logs)$|^integration\.test$/.test(path);

/** Reads through agents, many of them at once: they wait for each other, and nothing else for them. */
const isThroughAgent = (path: string): boolean =>
  /^proxy\.(requests|certificates|events)$/.test(path);

const address = { url: '/trpc', headers: () => organisationHeader() };

export const makeTrpcClient = () =>
  createTRPCClient<AppRouter>({
    links: [
      earlyLink,
      splitLink({
        condition: ({ path }) => isSlow(path),
        true: httpLink(address),
        false: splitLink({
          condition: ({ path }) => isThroughAgent(path),
          true: httpBatchLink({ ...address, maxItems: 8 }),
          false: httpBatchLink({ ...address, maxItems: 8 }),
        }),
      }),
    ],
  });

function toSignIn(error: unknown) {
  if (errorBody(error).code !== 'unauthenticated') return;
  if (window.location.pathname.startsWith('/sign-in')) return;
  window.location.assign(paths.signIn(window.location.pathname + window.location.search));
}

const lasting = new Set([
  'unauthenticated',
  'forbidden',
  'not_found',
  'invalid_input',
  'unprocessable',
]);

export const makeQueryClient = () =>
  new QueryClient({
    queryCache: new QueryCache({ onError: toSignIn }),
    mutationCache: new MutationCache({ onError: toSignIn }),
    defaultOptions: {
      queries: {
        staleTime: 20_000,
        refetchInterval: 300_000,
        retry: (failures, error) => failures < 2 && !lasting.has(errorBody(error).code),
        retryDelay: (attempt) => 400 * 2 ** attempt,
      },
    },
  });
