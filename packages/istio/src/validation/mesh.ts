import { decodeMessage } from './decode/decode.ts';
import { createSchema } from './decode/schema.ts';
import meshTable from './generated/mesh.json' with { type: 'json' };
import { createReport } from './issue.ts';
import type { Issue } from './issue.ts';

const schema = createSchema(meshTable);

export type MeshMessage = 'MeshConfig' | 'MeshNetworks' | 'ProxyConfig';

/**
 * Decodes a mesh configuration as istiod does: both spellings of a field, unknown fields passed over, defaults left
 * out (they are not filled in), maps as `Map`s, durations as nanoseconds.
 */
export function decodeMesh(
  message: MeshMessage,
  value: unknown,
): { value: Record<string, unknown>; errors: Issue[] } {
  const report = createReport('istio');
  const type = schema.find(`istio.mesh.v1alpha1.${message}`) ?? 0;
  const decoded = decodeMessage({ schema, report, unknownField: () => undefined }, type, value, '');
  return { value: (decoded ?? {}) as Record<string, unknown>, errors: report.errors };
}
