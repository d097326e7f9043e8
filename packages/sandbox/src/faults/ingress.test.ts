import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { made, viewOf } from '../testing/world.ts';
import { createIngress, ingressRefusal, ingressTarget } from './ingress.ts';

test('an ingress is made with a certificate of its own that has ended, or soon will, and taken away with the fault', async () => {
  const woken = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  let wakes = 0;
  const ingress = createIngress(
    () => (++wakes === 1 ? woken : again).resolve(),
    (error) => woken.reject(error),
  );
  const decide = (view = viewOf({})) =>
    ingress.controller.decide(ingressTarget, view, new Date()).actions;
  expect(decide()).toEqual([]);
  ingress.set('expired');
  await woken.promise;
  const [secret, gateway] = decide().map((action) => {
    if (action.do !== 'create') throw new Error(`nothing is to be ${action.do}`);
    return action.object;
  });
  expect([secret, gateway]).toMatchObject([
    { kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: 'ingress-tls' } },
    {
      kind: 'Gateway',
      spec: { listeners: [{ tls: { certificateRefs: [{ name: 'ingress-tls' }] } }] },
    },
  ]);
  const read = (data: Record<string, string>) =>
    new X509Certificate(Buffer.from(data['tls.crt']!, 'base64'));
  const { subject, validToDate } = read(secret!['data'] as Record<string, string>);
  expect(subject).toContain('Simulated');
  expect(validToDate.getTime()).toBeLessThan(Date.now());

  const here = viewOf({
    secrets: [made('secrets', secret as never)],
    'gateways.gateway.networking.k8s.io': [
      made('gateways.gateway.networking.k8s.io', gateway as never),
    ],
  });
  expect(decide(here)).toEqual([]);
  ingress.set('expiring');
  await again.promise;
  const [patch, ...more] = decide(here);
  expect(more).toEqual([]);
  if (patch?.do !== 'patch') throw new Error('the certificate is to be another one');
  const leftMs =
    read((patch.patch as { data: Record<string, string> }).data).validToDate.getTime() - Date.now();
  expect(leftMs / 86_400_000).toBeGreaterThan(9);
  expect(leftMs / 86_400_000).toBeLessThan(11);

  ingress.set(null);
  expect(decide(here).map((action) => action.do)).toEqual(['delete', 'delete']);
  const others = viewOf({
    secrets: [made('secrets', { metadata: { name: 'ingress-tls' } })],
    'gateways.gateway.networking.k8s.io': [
      made('gateways.gateway.networking.k8s.io', { metadata: { name: 'ingress' } }),
    ],
  });
  expect(decide(others)).toEqual([]);
});

test('without Gateways in the cluster it is refused, with what to do', () => {
  const namespaces = [made('namespaces', { metadata: { name: 'shop' } })];
  expect(ingressRefusal(viewOf({ namespaces }))).toContain('create a mesh');
  expect(ingressRefusal(viewOf({}))).toContain('no namespace shop');
});
