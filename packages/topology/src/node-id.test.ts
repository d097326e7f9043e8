import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeIdOf, parseEdgeId, parseNodeId } from './node-id.ts';

const part = fc.string({ unit: fc.constantFrom('a', '%', '/', '>', '#', ':', '2', 'f', ' ') });

test('what an id was made from is read from it again, whatever characters it has', () => {
  fc.assert(
    fc.property(part, part, part, part, (cluster, namespace, name, version) => {
      const id = nodeIdOf('workload', cluster, namespace, name, version);
      const node = { kind: 'workload', cluster, namespace, name, version };
      expect(parseNodeId(id)).toEqual(node);
      expect(parseEdgeId(`${id}>${id}#grpc`)).toEqual({
        source: node,
        target: node,
        protocol: 'grpc',
      });
    }),
    { numRuns: 300 },
  );
});

test.each(['', 'workload', 'pod:a/b/c', 'workload:a/b', 'workload:a/b/c/d/e'])(
  '%j is no id of a node',
  (id) => expect(parseNodeId(id)).toBeNull(),
);

test.each(['workload:a/b/c', 'workload:a/b/c>workload:a/b/d', 'workload:a/b/c>x#http', '>#http'])(
  '%j is no id of an edge',
  (id) => expect(parseEdgeId(id)).toBeNull(),
);
