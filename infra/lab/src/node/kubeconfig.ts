import { stringify } from 'yaml';

export type KubeconfigInput = {
  /** Name of the cluster and context. */
  name: string;
  /** For example `https://127.0.0.1:40123`. */
  server: string;
  /** PEM texts. */
  authority: string;
  certificate: string;
  key: string;
};

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig with everything in it, so that it works wherever its server can be reached. */
export function kubeconfig({ name, server, authority, certificate, key }: KubeconfigInput): string {
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
      users: [
        {
          name: `${name}-admin`,
          user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) },
        },
      ],
      contexts: [{ name, context: { cluster: name, user: `${name}-admin` } }],
      'current-context': name,
    },
    { lineWidth: 0 },
  );
}
