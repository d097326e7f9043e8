'use client';

import { waypointReclaimSet } from '@ambit/contracts/operations/waypoint-reclaim';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '@/lib/trpc.tsx';
import { Field, Input, RadioCards, Select } from '@/ui/field.tsx';
import { FormDialog } from '@/ui/form-dialog.tsx';
import { notify } from '@/ui/toast.ts';
import {
  nearerText,
  ofWaypoint,
  secondsOf,
  settingOf,
  spanOf,
  type Unit,
} from './reclaim-words.ts';
import type { WaypointDetail } from './words.ts';

type Mode = 'off' | 'ask' | 'automatic' | 'inherit';

interface Props {
  meshId: string;
  /** The one it is set for; left out: the mesh, or the namespace that is chosen. */
  waypoint?: WaypointDetail;
  /** Namespaces that have waypoints. */
  namespaces?: readonly string[];
  onClose: () => void;
}

/** What becomes of waypoints to which nothing of L7 is bound: of the mesh, of a namespace, or of one waypoint. */
export function ReclaimDialog({ meshId, waypoint, namespaces = [], onClose }: Props) {
  const trpc = useTRPC();
  const settings = useQuery(trpc.waypointReclaim.get.queryOptions({ meshId })).data;
  const [namespace, setNamespace] = useState('');
  const [typed, type] = useState<{ mode?: Mode; value?: string; unit?: Unit }>({});
  const now = waypoint ? ofWaypoint(waypoint.reclaim) : settings && settingOf(settings, namespace);
  const isWhole = !waypoint && namespace === '';
  const mode = typed.mode ?? now?.mode ?? (isWhole ? 'ask' : 'inherit');
  const span = spanOf(now?.afterS ?? 3_600);
  const value = typed.value ?? span.value;
  const unit = typed.unit ?? span.unit;
  const set = useMutation(
    trpc.waypointReclaim.set.mutationOptions({
      onSuccess: ({ sentence }) => {
        notify.done('Reclaim is set', sentence);
        onClose();
      },
    }),
  );
  const places = [
    ...new Set([...namespaces, ...(settings?.scopes.map((one) => one.namespace) ?? [])]),
  ].sort();
  const nearer = settings && !waypoint ? nearerText(settings, namespace) : '';
  return (
    <FormDialog
      title={waypoint ? `Reclaim of ${waypoint.namespace}/${waypoint.name}` : 'Reclaim'}
      description="What becomes of a waypoint to which nothing of L7 is bound. L4 stays as it is either way."
      verb="waypointReclaim.set"
      schema={waypointReclaimSet.input}
      input={{
        meshId,
        ...(waypoint ? { namespace: waypoint.namespace, name: waypoint.name } : {}),
        ...(namespace === '' ? {} : { namespace }),
        mode: mode === 'inherit' ? null : mode,
        afterS: value.trim() === '' ? Number.NaN : Math.round(Number(value) * secondsOf[unit]),
      }}
      sample={{}}
      action="Store it"
      mutation={set}
      onClose={onClose}
    >
      {(problem) => (
        <>
          {waypoint ? null : (
            <Field
              label="Of"
              help="The nearest counts: a waypoint, its namespace, its pool, the mesh"
            >
              <Select
                value={namespace}
                onChange={(event) => {
                  setNamespace(event.target.value);
                  type({});
                }}
              >
                <option value="">all namespaces of the mesh</option>
                {places.map((one) => (
                  <option key={one} value={one}>
                    namespace {one}
                  </option>
                ))}
              </Select>
            </Field>
          )}
          <RadioCards
            legend="What is done"
            name="reclaim-mode"
            value={mode}
            onChange={(next) => type({ ...typed, mode: next })}
            options={[
              ...(isWhole
                ? []
                : [
                    {
                      value: 'inherit' as const,
                      title: 'As elsewhere',
                      text: waypoint
                        ? 'What its namespace, its pool or the mesh says.'
                        : 'What the pool of a waypoint or the mesh says.',
                    },
                  ]),
              { value: 'off' as const, title: 'Keep', text: 'It is never proposed.' },
              {
                value: 'ask' as const,
                title: 'Ask',
                text: 'It is found and explained; somebody releases it.',
              },
              {
                value: 'automatic' as const,
                title: 'Automatic',
                text: 'Ambit releases it, and takes it up again when L7 is bound.',
              },
            ]}
          />
          {mode === 'automatic' ? (
            <div className="grid gap-4 sm:grid-cols-2">
              <Field
                label="After"
                standard="1 h"
                help="How long nothing of L7 has to be bound"
                error={problem('afterS')}
              >
                <Input
                  inputMode="numeric"
                  value={value}
                  onChange={(event) => type({ ...typed, value: event.target.value })}
                />
              </Field>
              <Field label="Unit">
                <Select
                  value={unit}
                  onChange={(event) => type({ ...typed, unit: event.target.value as Unit })}
                >
                  <option value="s">seconds</option>
                  <option value="min">minutes</option>
                  <option value="h">hours</option>
                  <option value="d">days</option>
                </Select>
              </Field>
            </div>
          ) : null}
          {settings && isWhole ? (
            <p className="text-sm text-ink-2" aria-live="polite">
              {settings.sentence}
            </p>
          ) : null}
          {nearer ? <p className="text-sm text-ink-2">{nearer}</p> : null}
        </>
      )}
    </FormDialog>
  );
}
