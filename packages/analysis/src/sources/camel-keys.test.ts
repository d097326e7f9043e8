import { expect, test } from 'vitest';
import { loadTexts } from './load.ts';

test('a mesh configuration may spell its fields either way; names stay as they are', () => {
  const text = `
root_namespace: mesh_root
default_config: {proxy_metadata: {ISTIO_META_x_y: a_b}}
extension_providers: [{name: my_logs, envoy_file_access_log: {path: /dev/stdout}}]
`;
  const { snapshot } = loadTexts([], { meshConfig: { file: 'mesh.yaml', text } });
  expect(snapshot.meshConfig).toEqual({
    rootNamespace: 'mesh_root',
    defaultConfig: { proxyMetadata: { ISTIO_META_x_y: 'a_b' } },
    extensionProviders: [{ name: 'my_logs', envoyFileAccessLog: { path: '/dev/stdout' } }],
  });
});
