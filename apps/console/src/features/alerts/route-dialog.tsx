'use client';

import { alertRouteCreate } from '@ambit/contracts/operations/alert-route';
import type { Matcher, RouteKind } from '@ambit/contracts/alerts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { errorBody } from '@/lib/errors.ts';
import { isSameAt, problemAt } from '@/lib/problem-at.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Code } from '@/ui/copy.tsx';
import { Dialog } from '@/ui/dialog.tsx';
import { Check, Field, Input, Select } from '@/ui/field.tsx';
import { ErrorNote, Note } from '@/ui/states.tsx';
import { notify } from '@/ui/toast.ts';
import { type AlertRoute, kindWords } from './alert-routes.tsx';
import { Matchers } from './matchers.tsx';
import { emptyTarget, targetOf, TargetFields, type TargetDraft } from './target-fields.tsx';

/** Makes or edits a route. The target of an existing one stays unless it is entered anew. */
export function RouteDialog({ route, onClose }: { route: AlertRoute | null; onClose: () => void }) {
  const trpc = useTRPC();
  const [name, setName] = useState(route?.name ?? '');
  const [kind, setKind] = useState<RouteKind>(route?.kind ?? 'webhook');
  const [anew, setAnew] = useState(route === null);
  const [draft, setDraft] = useState<TargetDraft>(emptyTarget);
  const [matchers, setMatchers] = useState<Matcher[]>(route?.matchers ?? []);
  const [wait, setWait] = useState(String(route?.groupWaitSeconds ?? 30));
  const [interval, setInterval] = useState(String(route?.groupIntervalSeconds ?? 300));
  const [repeat, setRepeat] = useState(String((route?.repeatIntervalSeconds ?? 14_400) / 3_600));
  const [most, setMost] = useState(String(route?.maxPerHour ?? 60));
  const [sendResolved, setSendResolved] = useState(route?.sendResolved ?? true);
  const [enabled, setEnabled] = useState(route?.enabled ?? true);
  const [touched, setTouched] = useState(false);
  const create = useMutation(
    trpc.alertRoute.create.mutationOptions({
      onSuccess: ({ secret }) => {
        notify.done('The route is stored');
        if (!secret) onClose();
      },
    }),
  );
  const update = useMutation(
    trpc.alertRoute.update.mutationOptions({
      onSuccess: () => {
        notify.done('The route is stored');
        onClose();
      },
    }),
  );
  const settings = {
    name,
    enabled,
    matchers,
    groupBy: route?.groupBy ?? ['alertname', 'mesh'],
    groupWaitSeconds: Number(wait),
    groupIntervalSeconds: Number(interval),
    repeatIntervalSeconds: Math.round(Number(repeat) * 3_600),
    sendResolved,
    maxPerHour: Number(most),
  };
  const target = targetOf(kind, draft);
  const checked = alertRouteCreate.input.safeParse({
    ...settings,
    target: anew ? target : { kind: 'slack', webhookUrl: 'https://kept.example' },
  });
  const sent = route ? update : create;
  const refusals = sent.error ? (errorBody(sent.error).details ?? []) : [];
  const problem = (...path: string[]) => {
    const field = path.join('.');
    return (
      (touched && !checked.success ? problemAt(checked.error.issues, field) : undefined) ??
      (isSameAt({ ...settings, target }, { target, ...sent.variables }, field)
        ? problemAt(refusals, field)
        : undefined)
    );
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTouched(true);
    if (!checked.success) return;
    if (route) {
      update.mutate({
        ...settings,
        alertRouteId: route.id,
        version: route.version,
        ...(anew ? { target } : {}),
      });
    } else create.mutate({ ...settings, target });
  };
  if (create.data?.secret)
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={`Route ${create.data.alertRoute.name}`}
        footer={
          <Button variant="primary" onClick={onClose}>
            I have copied it
          </Button>
        }
      >
        <div className="flex flex-col gap-3">
          <Note tone="warn" title="Copy the key now">
            It is not shown again. The receiver checks the signature with it, by any library of
            Standard Webhooks.
          </Note>
          <Code code={create.data.secret} label="signing key" />
        </div>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      width="lg"
      title={route ? `Edit ${route.name}` : 'New alert route'}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="route-form"
            variant="primary"
            busy={create.isPending || update.isPending}
          >
            Store route
          </Button>
        </>
      }
    >
      <form id="route-form" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label="Name" help="Whom it leads to" error={problem('name')}>
            <Input
              autoFocus
              autoComplete="off"
              value={name}
              placeholder="on-call"
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
          <Field
            label="Kind"
            help={route ? 'Stays; make another route for another kind' : 'How it is told'}
          >
            <Select
              value={kind}
              disabled={route !== null}
              onChange={(event) => setKind(event.target.value as RouteKind)}
            >
              {Object.entries(kindWords).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        {anew ? (
          <TargetFields kind={kind} draft={draft} onChange={setDraft} problem={problem} />
        ) : (
          <Note
            title={route?.target.address ?? ''}
            action={
              <Button size="sm" onClick={() => setAnew(true)}>
                Change
              </Button>
            }
          >
            The address and its secrets stay as they are.
          </Note>
        )}
        <Matchers
          legend="Alerts where"
          help="All conditions must hold; none means every alert."
          value={matchers}
          onChange={setMatchers}
          error={problem('matchers')}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Wait, in seconds"
            standard="30"
            help="How long the first alert waits for others, to be told together"
            error={problem('groupWaitSeconds')}
          >
            <Input inputMode="numeric" value={wait} onChange={(e) => setWait(e.target.value)} />
          </Field>
          <Field
            label="Pause, in seconds"
            standard="300"
            help="Between two notifications of one group"
            error={problem('groupIntervalSeconds')}
          >
            <Input
              inputMode="numeric"
              value={interval}
              onChange={(e) => setInterval(e.target.value)}
            />
          </Field>
          <Field
            label="Repeat, in hours"
            standard="4"
            help="When what still fires is told again; 0 is never"
            error={problem('repeatIntervalSeconds')}
          >
            <Input inputMode="decimal" value={repeat} onChange={(e) => setRepeat(e.target.value)} />
          </Field>
          <Field
            label="At most an hour"
            standard="60"
            help="What is more waits, errors first"
            error={problem('maxPerHour')}
          >
            <Input inputMode="numeric" value={most} onChange={(e) => setMost(e.target.value)} />
          </Field>
        </div>
        <Check
          label="Tell when alerts resolve"
          checked={sendResolved}
          onChange={(event) => setSendResolved(event.target.checked)}
        />
        <Check
          label="On"
          help="Off keeps the route and tells nobody"
          checked={enabled}
          onChange={(event) => setEnabled(event.target.checked)}
        />
        <ErrorNote error={create.error ?? update.error} />
      </form>
    </Dialog>
  );
}
