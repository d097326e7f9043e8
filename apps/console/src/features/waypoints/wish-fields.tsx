'use client';

import { Field, Input, Select } from '@/ui/field.tsx';
import { poolText, takesText, type Pool, type WaypointDetail } from './words.ts';

type Takes = 'service' | 'workload' | 'all' | 'none';
type From = NonNullable<WaypointDetail['from']>;

interface Wish {
  pool: string | null;
  takes: Takes;
  /** Left out: it stays as it is. */
  from?: From | undefined;
  sleep: 'pool' | 'never' | number;
}

/** What the fields hold while they are typed in. */
export interface Draft {
  pool: string;
  takes: Takes;
  /** `kept`: it stays, because somebody chose in a way that these fields do not know. */
  from: 'Same' | 'All' | 'some' | 'kept';
  namespaces: string;
  sleep: 'pool' | 'never' | 'after';
  sleepAfterS: string;
}

export const draftOf = (waypoint?: WaypointDetail): Draft => {
  const from = waypoint ? waypoint.from : 'Same';
  const wanted = waypoint ? (waypoint.wanted ?? waypoint) : undefined;
  const sleep = waypoint?.wanted?.sleep ?? 'pool';
  return {
    pool: wanted?.pool ?? '',
    takes: (wanted?.takes ?? 'service') as Takes,
    from: from === null ? 'kept' : Array.isArray(from) ? 'some' : from,
    namespaces: Array.isArray(from) ? from.join(', ') : '',
    sleep: typeof sleep === 'number' ? 'after' : sleep,
    sleepAfterS: typeof sleep === 'number' ? String(sleep) : '900',
  };
};

export const wishOf = ({ pool, takes, from, namespaces, sleep, sleepAfterS }: Draft): Wish => ({
  sleep: sleep === 'after' ? Number(sleepAfterS) : sleep,
  pool: pool === '' ? null : pool,
  takes,
  ...(from === 'kept'
    ? {}
    : {
        from:
          from === 'some'
            ? namespaces
                .split(/[\s,]+/)
                .map((each) => each.trim())
                .filter(Boolean)
            : from,
      }),
});

const choices: Takes[] = ['service', 'workload', 'all', 'none'];

interface Props {
  draft: Draft;
  onChange: (draft: Draft) => void;
  pools: readonly Pool[];
  problem: (field: string) => string | undefined;
}

/** Of which pool it is, what it takes, and who may use it. */
export function WishFields({ draft, onChange, pools, problem }: Props) {
  const set = (change: Partial<Draft>) => onChange({ ...draft, ...change });
  const chosen = pools.find(({ name }) => name === draft.pool);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Pool"
          help={
            chosen
              ? `${chosen.spec.size}, ${chosen.spec.minReplicas} to ${chosen.spec.maxReplicas} replicas, ${chosen.spec.kind}`
              : 'One replica that nobody scales. A pool sets size, scaling, nodes and price.'
          }
          error={problem('pool')}
        >
          <Select value={draft.pool} onChange={(event) => set({ pool: event.target.value })}>
            <option value="">{poolText(null)}</option>
            {pools.map(({ id, name, spec }) => (
              <option key={id} value={name}>
                {name} ({spec.size})
              </option>
            ))}
          </Select>
        </Field>
        <Field
          label="For"
          standard="service"
          help={`It takes ${takesText(draft.takes)}. Services is what routes and most policies need.`}
          error={problem('takes')}
        >
          <Select
            value={draft.takes}
            onChange={(event) => set({ takes: event.target.value as Takes })}
          >
            {choices.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </Select>
        </Field>
      </div>
      <Field
        label="Who may use it"
        standard="its own namespace"
        help="Services of other namespaces name it by a label of their own."
        error={draft.from === 'some' ? undefined : problem('from')}
      >
        <Select
          value={draft.from}
          onChange={(event) => set({ from: event.target.value as Draft['from'] })}
        >
          {draft.from === 'kept' ? (
            <option value="kept">As it is: chosen in a way of others</option>
          ) : null}
          <option value="Same">Its own namespace</option>
          <option value="some">Some namespaces</option>
          <option value="All">Every namespace</option>
        </Select>
      </Field>
      {draft.from === 'some' ? (
        <Field
          label="Namespaces beside its own"
          help="Names with commas between them"
          error={problem('from')}
        >
          <Input
            value={draft.namespaces}
            placeholder="billing, orders"
            autoComplete="off"
            onChange={(event) => set({ namespaces: event.target.value })}
          />
        </Field>
      ) : null}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Sleep"
          standard="as its pool says"
          help="Without requests it has no replica. The next connection waits at the agent until one is ready, some seconds."
          error={draft.sleep === 'after' ? undefined : problem('sleep')}
        >
          <Select
            value={draft.sleep}
            onChange={(event) => set({ sleep: event.target.value as Draft['sleep'] })}
          >
            <option value="pool">As its pool says</option>
            <option value="never">Never</option>
            <option value="after">After a time without requests</option>
          </Select>
        </Field>
        {draft.sleep === 'after' ? (
          <Field label="Seconds without requests" help="At least 30" error={problem('sleep')}>
            <Input
              inputMode="numeric"
              autoComplete="off"
              value={draft.sleepAfterS}
              onChange={(event) => set({ sleepAfterS: event.target.value })}
            />
          </Field>
        ) : null}
      </div>
    </>
  );
}
