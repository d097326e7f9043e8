import { expect, it } from 'vitest';
import { kubeconfigText, withToken } from './kubeconfig.ts';

const config = (server: string, user: Record<string, unknown>) => ({
  'current-context': 'ambit-shop',
  clusters: [{ name: 'ambit-shop', cluster: { server } }],
  contexts: [
    {
      name: 'ambit-shop',
      context: { cluster: 'ambit-shop', user: 'ambit-shop', namespace: 'default' },
    },
  ],
  users: [{ name: 'ambit-shop', user }],
});

it('writes the token where the address wants it, else as the user’s', () => {
  const plain = withToken(config('http://ambit:AMBIT_TOKEN@127.0.0.1:1/k8s/m', {}), 'ambit_x');
  expect(plain.clusters[0]?.cluster.server).toBe('http://ambit:ambit_x@127.0.0.1:1/k8s/m');
  expect(plain.users[0]?.user).toEqual({});
  const secure = withToken(config('https://ambit.test/k8s/m', { exec: {} }), 'ambit_x');
  expect(secure.users[0]?.user).toEqual({ token: 'ambit_x' });
});

it('is YAML', () => {
  expect(kubeconfigText(config('https://ambit.test/k8s/m', {}))).toBe(`apiVersion: v1
kind: Config
current-context: "ambit-shop"
clusters:
- name: "ambit-shop"
  cluster: {"server":"https://ambit.test/k8s/m"}
contexts:
- name: "ambit-shop"
  context: {"cluster":"ambit-shop","user":"ambit-shop","namespace":"default"}
users:
- name: "ambit-shop"
  user: {}
`);
});
