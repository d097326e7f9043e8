'use client';

import type { Outputs } from '@/lib/session.tsx';
import { YamlDiff, YamlSides } from '@/ui/yaml.tsx';

type Direct = Outputs['direct']['get'];

/** The mesh's and the cluster's beside each other; in one column where there is no room for two. */
export function DirectSides(props: { object: Direct; policy: NonNullable<Direct['policy']> }) {
  const { object, policy } = props;
  const mesh = `The mesh’s, version ${policy.version} by ${policy.author}`;
  const cluster = `${object.clusterName}’s own`;
  if (policy.yaml === object.yaml)
    return <p className="card p-4 text-ink-2">Both ask for exactly the same.</p>;
  return (
    <div className="card min-w-0 overflow-hidden">
      <div className="hidden md:block">
        <div className="grid grid-cols-2 border-b border-line text-sm font-medium">
          <p className="px-3 py-2">{mesh}</p>
          <p className="border-l border-line px-3 py-2">{cluster}</p>
        </div>
        <YamlSides
          left={{ text: policy.yaml, label: mesh }}
          right={{ text: object.yaml, label: cluster }}
        />
      </div>
      <div className="md:hidden">
        <p className="border-b border-line px-3 py-2 text-sm font-medium">
          From the mesh’s to {cluster}
        </p>
        <YamlDiff before={policy.yaml} after={object.yaml} label={`${mesh}, against ${cluster}`} />
      </div>
    </div>
  );
}
