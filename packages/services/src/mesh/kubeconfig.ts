import { meshKubeconfig as contract } from '@ambit/contracts/operations/mesh';
import { AmbitError, notFound } from '../kernel/errors.ts';
import { implement } from '../kernel/implement.ts';

export const meshKubeconfig = implement(
  contract,
  async ({ tx, platform, apiToken }, { meshId, credential }) => {
    const mesh = await tx.mesh.findUnique({ where: { id: meshId }, select: { name: true } });
    if (!mesh) throw notFound('mesh', meshId);
    const name = `ambit-${mesh.name}`;
    const secret = credential === 'inline' ? required(apiToken) : undefined;
    const { server, user } = accessOf(`${platform.publicUrl}/k8s/${meshId}`, secret);
    return {
      apiVersion: 'v1' as const,
      kind: 'Config' as const,
      'current-context': name,
      clusters: [{ name, cluster: { server } }],
      contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
      users: [{ name, user }],
    };
  },
);

/**
 * kubectl sends what a user of a kubeconfig has over TLS only. Without it (a platform on this machine) the token
 * stands in the address, which Go's HTTP client sends as Basic authentication.
 */
function accessOf(
  address: string,
  token: string | undefined,
): { server: string; user: Record<string, unknown> } {
  const url = new URL(address);
  if (url.protocol === 'https:') {
    return { server: address, user: token === undefined ? { exec } : { token } };
  }
  url.username = 'ambit';
  url.password = token ?? 'AMBIT_TOKEN';
  return { server: url.href, user: {} };
}

const exec = {
  apiVersion: 'client.authentication.k8s.io/v1',
  command: 'ambit',
  args: ['credential'],
  interactiveMode: 'Never',
  installHint:
    'ambit is the command of the platform; or ask for the kubeconfig with credential=inline',
};

function required(apiToken: string | undefined): string {
  if (apiToken !== undefined) return apiToken;
  throw new AmbitError('unprocessable', 'only a request with an API token can have it written in', {
    fix: 'make a token under Access, and ask with it; or leave credential=inline out',
  });
}
