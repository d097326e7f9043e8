'use client';

import { useState } from 'react';
import { count } from '@/lib/format.ts';
import type { Outputs } from '@/lib/session.tsx';
import { Status, StatusIcon } from '@/ui/status.tsx';
import { Time } from '@/ui/time.tsx';

type Bundle = Outputs['mesh']['objects']['items'][number];

const names: Record<string, string> = {
  'control-plane': 'Control plane',
  policies: 'Policies',
  references: 'Secrets and settings that policies name',
  enrolment: 'Enrolment',
  namespaces: 'Namespaces',
  crds: 'Custom resource definitions',
  'gateway-api': 'Gateway API',
};

/** Bundles by cluster, with their counts; errors and drift unfold. */
export function Bundles({ items }: { items: Bundle[] }) {
  const clusters = Map.groupBy(items, (item) => item.clusterId);
  if (items.length === 0)
    return (
      <p className="card px-4 py-6 text-center text-ink-3">
        Nothing is handed to an agent yet. It appears here once the release is rendered.
      </p>
    );
  return (
    <div className="flex flex-col gap-3">
      {[...clusters].map(([id, bundles]) => (
        <div key={id} className="card overflow-hidden">
          <h3 className="border-b border-line px-4 py-2 text-xs font-medium text-ink-3">
            {bundles[0]?.clusterName}
          </h3>
          <ul className="divide-y divide-line">
            {bundles.map((bundle) => (
              <BundleRow key={bundle.bundle} bundle={bundle} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function BundleRow({ bundle }: { bundle: Bundle }) {
  const trouble = bundle.errors.length + bundle.drift.length;
  const [open, setOpen] = useState(bundle.errors.length > 0);
  const { total, applied, ready } = bundle.objects;
  return (
    <li className="px-4 py-2.5">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <span className="min-w-32 grow basis-40">
          <span className="block font-medium">{names[bundle.bundle] ?? bundle.bundle}</span>
          <span className="block truncate font-mono text-2xs text-ink-3" title={bundle.digest}>
            {bundle.digest.slice(0, 19)}
          </span>
        </span>
        <span className="w-28">
          <Status status={bundle.state} quiet />
        </span>
        <span className="tnum w-44 text-ink-2 max-sm:w-auto">
          {applied} of {total} applied, {ready} ready
        </span>
        <span className="w-36 text-right max-sm:w-auto">
          {trouble > 0 ? (
            <button
              type="button"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
              className="rounded text-accent hover:underline"
            >
              {[
                bundle.errors.length ? count(bundle.errors.length, 'error') : '',
                bundle.drift.length ? count(bundle.drift.length, 'drift', 'drifts') : '',
              ]
                .filter(Boolean)
                .join(', ')}
            </button>
          ) : (
            <span className="text-xs text-ink-3">no drift</span>
          )}
        </span>
      </div>
      {bundle.message ? <p className="mt-1 text-ink-2">{bundle.message}</p> : null}
      {open ? (
        <ul className="mt-2 flex flex-col gap-2 rounded-md bg-sunken p-3">
          {bundle.errors.map((error) => (
            <li key={`${error.object}${error.reason}`} className="flex gap-2">
              <span className="pt-0.5">
                <StatusIcon status="error" />
              </span>
              <span className="min-w-0 break-words">
                <span className="font-mono text-xs">{error.object || 'the bundle'}</span>:{' '}
                {error.reason}. {error.message}
              </span>
            </li>
          ))}
          {bundle.drift.map((drift) => (
            <li key={`${drift.object}${drift.at}`} className="flex gap-2">
              <span className="pt-0.5">
                <StatusIcon status={drift.repaired ? 'info' : 'warning'} />
              </span>
              <span className="min-w-0 break-words">
                <span className="font-mono text-xs">{drift.object}</span>:{' '}
                {drift.fields.join(', ') || 'the whole object'} changed by{' '}
                {drift.manager || 'someone'} <Time at={drift.at} />,{' '}
                {drift.repaired ? 'repaired' : 'not repaired'}.
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}
