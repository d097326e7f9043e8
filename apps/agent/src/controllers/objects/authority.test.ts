import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EventEmitter, once } from 'node:events';
import type { AuthoritySpec } from '@ambit/contracts/agent/authority';
import { KubeError, type KubeClient, type RequestOptions } from '../../kube/client.ts';
import { testAuthority } from '../../testing/authorities.ts';
import { authorityFact, publicAuthorityData, type AuthorityData } from './authority.ts';
import { makeCollector } from './collector.ts';
import { authoritySource, followAuthority } from './follow-authority.ts';
import { makeIstiodPlaces } from './istiod-places.ts';

type Made = Awaited<ReturnType<typeof testAuthority>>;
let made: Record<'istiod' | 'root' | 'oldRoot' | 'middle' | 'signing', Made>;
beforeAll(async () => {
  const root = await testAuthority('root', 2040);
  const middle = await testAuthority('middle', 2035, root);
  made = {
    root,
    middle,
    signing: await testAuthority('signing', 2030, middle),
    istiod: await testAuthority('cluster.local', 2036),
    oldRoot: await testAuthority('old', 2027),
  };
});

const inBase64 = (data: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
  );
const key = '-----BEGIN PRIVATE KEY-----\na2V5\n-----END PRIVATE KEY-----\n';
const specOf = (data: AuthorityData) =>
  authorityFact('istio-system', data)?.['spec'] as AuthoritySpec | undefined;
const chainOf = (data: AuthorityData) =>
  specOf(data)?.certificates.map(({ role, subject, issuer, notAfter }) =>
    [role, subject, issuer, notAfter.slice(0, 4)].join(' '),
  );

describe('what is told of the CA', () => {
  it('is of istiod’s own making when there is no other, and never a key', () => {
    const { pem } = made.istiod;
    const data = publicAuthorityData(
      inBase64({ 'ca-cert.pem': pem + key, 'ca-key.pem': key, 'root-cert.pem': pem }),
      true,
    );
    expect(JSON.stringify(data)).not.toMatch(/PRIVATE|a2V5/);
    const all = { 'istio-ca-secret': data, 'istio-ca-root-cert': data };
    expect(specOf(all)).toMatchObject({ source: 'istio-ca-secret', isSelfSigned: true });
    expect(chainOf(all)).toEqual(['signing O=cluster.local O=cluster.local 2036']);
  });

  it('is the chain from the certificate that signs to its root, in both formats; an old root beside it does not count', () => {
    const { root, middle, signing, oldRoot } = made;
    const chain = [
      'signing O=signing O=middle 2030',
      'intermediate O=middle O=root 2035',
      'root O=root O=root 2040',
    ];
    const files = {
      'ca-cert.pem': signing.pem,
      'cert-chain.pem': signing.pem + middle.pem + root.pem,
      'root-cert.pem': oldRoot.pem + root.pem,
    };
    const cacerts = publicAuthorityData(inBase64(files), true);
    const own = { 'istio-ca-secret': { 'ca-cert.pem': made.istiod.pem } };
    expect(chainOf({ cacerts, ...own })).toEqual(chain);
    expect(specOf({ cacerts, ...own })).toMatchObject({ source: 'cacerts', isSelfSigned: false });
    const tls = { 'tls.crt': signing.pem + middle.pem, 'ca.crt': root.pem, 'tls.key': key };
    expect(chainOf({ cacerts: publicAuthorityData(inBase64(tls), true) })).toEqual(chain);
    const marked = publicAuthorityData({ ...inBase64(files), 'istio-generated': '' }, true);
    expect(specOf({ cacerts: marked })).toMatchObject({ isSelfSigned: true });
  });

  it('is the root alone where only that is known, the one that lasts; and nothing where nothing is', () => {
    const { root, oldRoot } = made;
    const map = publicAuthorityData({ 'root-cert.pem': oldRoot.pem + root.pem }, false);
    expect(chainOf({ 'istio-ca-root-cert': map })).toEqual(['root O=root O=root 2040']);
    expect(specOf({ 'istio-ca-root-cert': map })).toMatchObject({ isSelfSigned: null });
    expect(authorityFact('istio-system', {})).toBeNull();
    expect(authorityFact('istio-system', { cacerts: { 'ca-cert.pem': 'none' } })).toBeNull();
  });
});

const stop = new AbortController();
afterAll(() => stop.abort());

it('asks for each by its name alone, tells it, and falls back to the ConfigMap where Secrets may not be read', async () => {
  const asked = new Set<string>();
  const state = { forbidden: '' };
  const bell = new EventEmitter();
  bell.setMaxListeners(0);
  const request = async (_method: string, path: string, { query }: RequestOptions = {}) => {
    const selector = query?.['fieldSelector'] ?? '';
    asked.add(`${path} ${selector}`);
    if (state.forbidden !== '' && path.includes(state.forbidden)) throw new KubeError(403, {});
    const name = selector.split('=')[1]!;
    const metadata = { name, namespace: 'istio-system', uid: name, resourceVersion: '1' };
    const items =
      name === 'istio-ca-secret'
        ? [{ metadata, data: inBase64({ 'ca-cert.pem': made.istiod.pem, 'ca-key.pem': key }) }]
        : name === 'istio-ca-root-cert'
          ? [{ metadata, data: { 'root-cert.pem': made.istiod.pem } }]
          : [];
    return { items: structuredClone(items), metadata: { resourceVersion: '1' } };
  };
  async function* lines() {
    await once(bell, 'forget');
    yield { type: 'ERROR', object: { code: 410 } };
  }
  const collector = makeCollector({ changed: () => {}, relist: () => {} });
  collector.expect([authoritySource]);
  const errors: unknown[] = [];
  const watched = followAuthority(
    {
      cluster: { client: { request, lines, close: () => {} } as unknown as KubeClient },
      collector,
      onError: (error) => errors.push(error),
    },
    stop.signal,
  );
  watched.lookInto(['istio-system']);
  const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 5 });
  const told = () => {
    const { upserts, told: kinds } = collector.delta();
    return [upserts.map(({ object }) => object.metadata.name), kinds];
  };
  await until(() => expect(told()).toEqual([['istio-ca-secret'], ['CertificateAuthority']]));
  expect([...asked].sort()).toEqual(
    ['configmaps istio-ca-root-cert', 'secrets cacerts', 'secrets istio-ca-secret'].map((each) => {
      const [resource, name] = each.split(' ');
      return `/api/v1/namespaces/istio-system/${resource} metadata.name=${name}`;
    }),
  );
  expect(JSON.stringify(collector.delta())).not.toMatch(/PRIVATE|a2V5/);

  // A watch that is just being opened hears nothing, so all are ended again and again.
  const untilListed = (check: () => void) => until(() => (bell.emit('forget'), check()));
  state.forbidden = '/secrets';
  await untilListed(() =>
    expect(told()).toEqual([['istio-ca-root-cert'], ['CertificateAuthority']]),
  );
  state.forbidden = '/api';
  await untilListed(() => expect(told()).toEqual([[], []]));

  state.forbidden = '';
  watched.lookInto(['mesh', 'other']);
  const places = () =>
    collector.delta().upserts.map(({ object }) => String(object.metadata.namespace));
  await untilListed(() => expect(places().sort()).toEqual(['mesh', 'other']));
  watched.lookInto(['other']);
  await untilListed(() => expect(places()).toEqual(['other']));
  expect(errors).toEqual([]);
});

it('looks for the CA where istiod runs, and where it ran last while it does not', () => {
  const heard: string[][] = [];
  const places = makeIstiodPlaces(() => heard.push(places.all()));
  const pod = (namespace: string, name: string, app = 'istiod') => ({
    metadata: { name, namespace, uid: name, resourceVersion: '1', labels: { app } },
  });
  expect(places.all()).toEqual(['istio-system']);
  places.list([pod('shop', 'web', 'web')]);
  places.list([pod('istio-system', 'istiod-1')]);
  expect(heard).toEqual([]);
  places.list([pod('mesh', 'istiod-1'), pod('shop', 'web', 'web')]);
  places.put(pod('canary', 'istiod-2'));
  places.remove(pod('mesh', 'istiod-1'));
  places.remove(pod('canary', 'istiod-2'));
  expect(heard).toEqual([['mesh'], ['canary', 'mesh'], ['canary']]);
  expect(places.all()).toEqual(['canary']);
});
