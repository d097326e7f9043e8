import { createTRPCClient, type TRPCLink } from '@trpc/client';
import { observable } from '@trpc/server/observable';
import { runInNewContext } from 'node:vm';
import type { AppRouter } from '@ambit/client/trpc';
import { afterEach, expect, it, vi } from 'vitest';
import { graphInputOf } from '../features/topology/model/graph-input.ts';
import { earlyLink, followsFromNow, type Early } from './early.ts';
import { earlyScript } from './early-script.ts';

interface Asked {
  url: string;
  headers: Record<string, string>;
}

/** Runs the script as a browser would at that address. */
function askedAt(
  address: string,
  organisation: string | null = null,
  answer = () => Response.json({ result: { data: 1 } }),
) {
  const { pathname, search } = new URL(address, 'http://ambit');
  const asked: Asked[] = [];
  const window: { ambitEarly?: Early[] } = {};
  runInNewContext(earlyScript, {
    window,
    location: { pathname, search },
    localStorage: { getItem: () => organisation },
    fetch: (url: string, { headers }: { headers: Record<string, string> }) => {
      asked.push({ url, headers });
      return Promise.resolve(answer());
    },
  });
  return { asked, early: window.ambitEarly ?? [] };
}

const usual = { group: 'workload', unfolded: false, services: false, idle: false } as const;

it('asks for the graph as the page will ask for it', () => {
  const { early, asked } = askedAt('/meshes/msh_1/topology?mode=rate', 'org_1');
  expect(early.map(({ path, input }) => [path, input])).toEqual([
    ['me.get', '{}'],
    ['mesh.get', JSON.stringify({ meshId: 'msh_1' })],
    ['topology.get', JSON.stringify(graphInputOf('msh_1', usual))],
  ]);
  expect(asked[2]!.url).toBe(`/trpc/topology.get?input=${encodeURIComponent(early[2]!.input)}`);
  expect(asked[2]!.headers).toEqual({ 'x-ambit-organisation': 'org_1' });
});

it('asks for no view that is not the usual one, for no mesh elsewhere, and for nothing before a sign-in', () => {
  const verbs = (address: string) => askedAt(address).early.map(({ path }) => path);
  expect(verbs('/meshes/msh_1/topology?group=service')).toEqual(['me.get', 'mesh.get']);
  expect(verbs('/meshes/msh_1/topology?where=x&at=2026-11-25T10:00:00Z')).toHaveLength(2);
  expect(verbs('/meshes/msh_1/policies')).toEqual(['me.get', 'mesh.get']);
  expect(verbs('/clusters')).toEqual(['me.get']);
  expect(verbs('/sign-in')).toEqual([]);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A client whose network answers `network`, with these early answers. */
function clientWith(early: Early[]) {
  vi.stubGlobal('window', { ambitEarly: early });
  // A page that has just come; the process of the tests may be older.
  vi.spyOn(performance, 'now').mockReturnValue(1_000);
  const network: TRPCLink<AppRouter> = () => () =>
    observable((observer) => {
      observer.next({ result: { type: 'data', data: 'network' } });
      observer.complete();
    });
  const client = createTRPCClient<AppRouter>({ links: [earlyLink, network] });
  return { ask: (meshId: string): Promise<unknown> => client.mesh.get.query({ meshId }) };
}

const early = (answer: Early['answer']): Early => ({
  path: 'mesh.get',
  input: JSON.stringify({ meshId: 'msh_1' }),
  answer,
});

it('answers a question once with what was asked early, and others over the network', async () => {
  const { ask } = clientWith([early(Promise.resolve({ data: 'early' }))]);
  expect(await ask('msh_2')).toBe('network');
  expect(await ask('msh_1')).toBe('early');
  expect(await ask('msh_1')).toBe('network');
});

it('asks again what could not be asked early', async () => {
  const { ask } = clientWith([early(Promise.resolve(null))]);
  expect(await ask('msh_1')).toBe('network');
});

it('does not ask twice whether somebody is signed in', async () => {
  const error = { code: -32001, message: 'Sign in.', data: { code: 'unauthenticated' } };
  const answers = [new Response(JSON.stringify({ error }), { status: 401 })];
  const { early: refused } = askedAt(
    '/meshes/msh_1',
    null,
    () => answers.pop() ?? Response.error(),
  );
  const { ask } = clientWith([early(refused[0]!.answer), early(Promise.resolve({ data: 'old' }))]);
  await expect(ask('msh_1')).rejects.toMatchObject({ data: { code: 'unauthenticated' } });
  expect(await ask('msh_1')).toBe('network');
  expect(await refused[1]!.answer).toBeNull();
});

it('has asked again what was answered early, when events are followed, before or after', async () => {
  const answer = () => early(Promise.resolve({ data: 'early' }));
  const { ask } = clientWith([answer(), answer()]);
  const again = vi.fn<(verb: string) => void>();
  expect(await ask('msh_1')).toBe('early');
  followsFromNow(again);
  expect(again.mock.calls).toContainEqual(['mesh.get']);
  again.mockClear();
  expect(await ask('msh_1')).toBe('early');
  await vi.waitFor(() => expect(again.mock.calls).toEqual([['mesh.get']]), { timeout: 20_000 });
  expect(await ask('msh_1')).toBe('network');
});
