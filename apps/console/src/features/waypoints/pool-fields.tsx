'use client';

import { poolKinds, poolSizes, scalers, sizeClasses } from '@ambit/contracts/agent/waypoint';
import type { ReactNode } from 'react';
import { Check, Field, Input, RadioCards, Select, Textarea } from '@/ui/field.tsx';
import type { PoolDraft } from './pool-draft.ts';
import { scalerWords } from './words.ts';

interface Props {
  draft: PoolDraft;
  onChange: (draft: PoolDraft) => void;
  /** What is wrong with a field of the spec, by its path. */
  problem: (path: string) => string | undefined;
}

const kindTexts = {
  shared: ['Shared', 'Many namespaces, on whatever nodes have room.'],
  dedicated: ['Dedicated', 'Nodes of its own, by label and taint.'],
  virtual: ['Virtual', 'Virtual nodes: nobody runs machines for it.'],
} as const;

const reclaimTexts = {
  off: 'never: its waypoints are kept',
  ask: 'as the mesh, a namespace or a waypoint says',
} as const;

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className="min-w-0 border-t border-line pt-3">
      <legend className="float-left mb-2 w-full text-sm font-semibold">{title}</legend>
      <div className="clear-both grid gap-4 sm:grid-cols-3">{children}</div>
    </fieldset>
  );
}

/** Every choice of a pool, each with what it does. */
export function PoolFields({ draft, onChange, problem }: Props) {
  const set = (change: Partial<PoolDraft>) => onChange({ ...draft, ...change });
  const text = (
    field: keyof PoolDraft & string,
    path: string,
    label: string,
    help: string,
    standard?: string,
  ) => (
    <Field label={label} help={help} standard={standard} error={problem(path)}>
      <Input
        inputMode={field === 'currency' ? 'text' : 'decimal'}
        autoComplete="off"
        value={String(draft[field])}
        onChange={(event) => set({ [field]: event.target.value })}
      />
    </Field>
  );
  const area = (
    field: 'nodeSelector' | 'tolerations' | 'podLabels' | 'podAnnotations',
    label: string,
    help: string,
    placeholder: string,
  ) => (
    <Field label={label} help={help} error={problem(field)}>
      <Textarea
        rows={2}
        spellCheck={false}
        className="font-mono text-xs"
        value={draft[field]}
        placeholder={placeholder}
        onChange={(event) => set({ [field]: event.target.value })}
      />
    </Field>
  );
  const { requests, limits } = sizeClasses[draft.size];
  return (
    <>
      <RadioCards
        legend="Where its waypoints run"
        name="pool-kind"
        columns={3}
        value={draft.kind}
        onChange={(kind) => set({ kind })}
        options={poolKinds.map((value) => ({
          value,
          title: kindTexts[value][0],
          text: kindTexts[value][1],
        }))}
      />
      <Group title="Size and number">
        <Field
          label="Size"
          help={`Of a replica: ${requests.cpu} CPU and ${requests.memory}, at most ${limits.cpu} and ${limits.memory}`}
          error={problem('size')}
        >
          <Select
            value={draft.size}
            onChange={(event) => set({ size: event.target.value as PoolDraft['size'] })}
          >
            {poolSizes.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        {text('minReplicas', 'minReplicas', 'At least', 'Replicas of a waypoint', '1')}
        {text('maxReplicas', 'maxReplicas', 'At most', 'Replicas of a waypoint', '5')}
      </Group>
      <Group title="Scaling">
        <Field
          label="Decided by"
          standard="auto"
          help={`By ${scalerWords[draft.by] ?? draft.by}`}
          error={problem('scaling.by')}
        >
          <Select
            value={draft.by}
            onChange={(event) => set({ by: event.target.value as PoolDraft['by'] })}
          >
            {scalers.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        {text(
          'requestsPerSecond',
          'scaling.requestsPerSecond',
          'Requests/s',
          'Target of a replica; empty: none',
        )}
        {text(
          'activeRequests',
          'scaling.activeRequests',
          'Active requests',
          'Target of a replica; empty: none',
        )}
        {text('cpuPercent', 'scaling.cpuPercent', 'CPU, in percent', 'Of what it asks for', '70')}
        {text(
          'upStabilisationS',
          'scaling.upStabilisationS',
          'Before more, in seconds',
          'How long it all said so',
          '0',
        )}
        {text(
          'downStabilisationS',
          'scaling.downStabilisationS',
          'Before less, in seconds',
          'How long it all said so',
          '300',
        )}
        <Check
          className="sm:col-span-3"
          label="Look ahead"
          help="Scales up ahead of a load that has been rising, by the line through the last minutes."
          checked={draft.predict}
          onChange={(event) => set({ predict: event.target.checked })}
        />
      </Group>
      <Group title="Nodes and zones">
        <Field
          label="Zones"
          standard="spread"
          help="spread: evenly where it can be; onePerZone: as many in each"
          error={problem('zones')}
        >
          <Select
            value={draft.zones}
            onChange={(event) => set({ zones: event.target.value as PoolDraft['zones'] })}
          >
            {(['any', 'spread', 'onePerZone'] as const).map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
        {text(
          'maxUnavailable',
          'maxUnavailable',
          'Away at once',
          'While nodes are drained; empty: no PodDisruptionBudget',
          '1',
        )}
        <Check
          label="Keep the image on nodes"
          help={problem('prePull') ?? 'A DaemonSet pulls it ahead.'}
          checked={draft.prePull}
          onChange={(event) => set({ prePull: event.target.checked })}
        />
        <div className="grid gap-4 sm:col-span-3 sm:grid-cols-2">
          {area('nodeSelector', 'Node selector', 'Labels of nodes, one a line', 'pool=edge')}
          {area(
            'tolerations',
            'Tolerations',
            'As taints are written, one a line; a key alone tolerates every value',
            'dedicated=edge:NoSchedule',
          )}
          {area('podLabels', 'Labels of pods', 'One a line', 'team=edge')}
          {area('podAnnotations', 'Annotations of pods', 'One a line', 'example.com/spec=large')}
        </div>
      </Group>
      <Group title="Draining, in seconds">
        {text('drainS', 'drain.drainS', 'Drains over', 'Clients are told to go elsewhere', '20')}
        {text(
          'terminationS',
          'drain.terminationS',
          'Serves on for',
          'What it has; longer than it drains',
          '30',
        )}
        {text('graceS', 'drain.graceS', 'Killed after', 'Longer than it serves on', '60')}
      </Group>
      <Group title="Sleep, cost and reclaim">
        {text(
          'sleepAfterS',
          'sleepAfterS',
          'Sleep after seconds',
          'Without requests for so long: no replica until the next connection, which waits for one. Empty: never',
        )}
        {text('pricePerHour', 'pricePerHour', 'Price per hour', 'Of one replica; empty: not told')}
        {text('currency', 'currency', 'Currency', 'Three letters', 'USD')}
        <Field
          label="Released when not needed"
          help="A waypoint to which nothing of L7 is bound"
          error={problem('reclaim')}
        >
          <Select
            value={draft.reclaim}
            onChange={(event) => set({ reclaim: event.target.value as PoolDraft['reclaim'] })}
          >
            {reclaimModes.map((each) => (
              <option key={each} value={each}>
                {reclaimTexts[each]}
              </option>
            ))}
          </Select>
        </Field>
      </Group>
    </>
  );
}

const reclaimModes = ['off', 'ask'] as const;
