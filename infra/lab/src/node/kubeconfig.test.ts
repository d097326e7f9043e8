import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { kubeconfig } from './kubeconfig.ts';

test('a kubeconfig carries server, authority and keys in itself', () => {
  const text = kubeconfig({
    name: 'lab-default',
    server: 'https://127.0.0.1:40123',
    authority: 'CA PEM',
    certificate: 'CERT PEM',
    key: 'KEY PEM',
  });
  const decoded = (value: string): string => Buffer.from(value, 'base64').toString();
  const config = parse(text) as {
    'current-context': string;
    clusters: { name: string; cluster: Record<string, string> }[];
    users: { name: string; user: Record<string, string> }[];
    contexts: { name: string; context: { cluster: string; user: string } }[];
  };
  const [cluster] = config.clusters;
  const [user] = config.users;
  const [context] = config.contexts;
  expect(cluster?.cluster['server']).toBe('https://127.0.0.1:40123');
  expect(decoded(cluster?.cluster['certificate-authority-data'] ?? '')).toBe('CA PEM');
  expect(decoded(user?.user['client-certificate-data'] ?? '')).toBe('CERT PEM');
  expect(decoded(user?.user['client-key-data'] ?? '')).toBe('KEY PEM');
  expect(context?.name).toBe(config['current-context']);
  expect(context?.context).toEqual({ cluster: cluster?.name, user: user?.name });
});
