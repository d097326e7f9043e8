import { EventEmitter, once } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { KubeError, type KubeClient, type RequestOptions } from '../../kube/client.ts';
import { testCertificate } from '../../testing/certificate.ts';
import { makeCollector } from './collector.ts';
import { followSecrets, secretSource } from './secrets.ts';

const stop = new AbortController();
afterEach(() => stop.abort());

/** Stands in for an API server that knows no field selectors, so that all Secrets are sent. */
function standIn() {
  const state = { isForbidden: false, asked: new Set<string>() };
  const secret = (name: string, type: string) => ({
    metadata: { name, namespace: 'shop', uid: name, resourceVersion: '1' },
    type,
    data: { 'tls.crt': testCertificate, 'tls.key': 'a2V5' },
  });
  const items = [
    secret('tls', 'kubernetes.io/tls'),
    secret('named', 'Opaque'),
    secret('other', 'Opaque'),
  ];
  const request = async (_method: string, _path: string, options: RequestOptions = {}) => {
    if (state.isForbidden) throw new KubeError(403, {});
    state.asked.add(options.query?.['fieldSelector'] ?? '');
    return { items: structuredClone(items), metadata: { resourceVersion: '1' } };
  };
  const bell = new EventEmitter();
  /** Ends all watches, as a server does that forgot where they were. */
  const forget = () => bell.emit('forget');
  async function* lines() {
    await once(bell, 'forget');
    yield { type: 'ERROR', object: { code: 410 } };
  }
  return { state, forget, client: { request, lines, close: () => {} } as unknown as KubeClient };
}

it('tells the certificates it is to tell and no others; without the right none, and says so once', async () => {
  const { state, forget, client } = standIn();
  const errors: unknown[] = [];
  const collector = makeCollector({ changed: () => {}, relist: () => {} });
  collector.expect([secretSource]);
  const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
  const told = () => {
    const delta = collector.delta();
    return [delta.upserts.map(({ object }) => object.metadata.name).sort(), delta.told];
  };
  const secrets = followSecrets(
    { cluster: { client }, collector, onError: (error) => errors.push(error) },
    stop.signal,
  );
  await until(() => expect(told()).toEqual([['tls'], ['Secret']]));
  secrets.named(['named']);
  await until(() => expect(told()).toEqual([['named', 'tls'], ['Secret']]));
  expect([...state.asked]).toEqual([
    'type=kubernetes.io/tls',
    'metadata.name=named,type!=kubernetes.io/tls',
  ]);
  expect(JSON.stringify(collector.delta())).not.toContain('a2V5');
  secrets.named([]);
  await until(() => expect(told()).toEqual([['tls'], ['Secret']]));

  state.isForbidden = true;
  forget();
  await until(() => expect(told()).toEqual([[], []]));
  expect(collector.delta().complete).toBe(true);
  expect(errors.map(String).join()).toMatch(/^Secrets may not be read/);
  expect(errors).toHaveLength(1);
  state.isForbidden = false;
  await until(() => expect(told()).toEqual([['tls'], ['Secret']]));
});
