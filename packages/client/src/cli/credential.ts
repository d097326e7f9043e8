import { findTarget } from './settings.ts';

/**
 * The API token in the form that kubectl takes from an exec plugin; kubeconfigs of meshes name `ambit credential`.
 * @throws UsageError when nothing says the token
 */
export function execCredential(env: Record<string, string | undefined>): string {
  const status = { token: findTarget({}, env).token };
  const apiVersion = 'client.authentication.k8s.io/v1';
  return `${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}\n`;
}
