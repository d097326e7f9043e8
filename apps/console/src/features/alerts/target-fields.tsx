'use client';

import type { RouteKind } from '@ambit/contracts/alerts';
import type { RouteTarget } from '@ambit/contracts/operations/alert-route';
import type { ChangeEvent } from 'react';
import { Field, Input, Select } from '@/ui/field.tsx';

/** What was typed, of every kind at once, so that trying another kind loses nothing. */
export interface TargetDraft {
  url: string;
  webhookUrl: string;
  host: string;
  port: string;
  tls: 'starttls' | 'implicit' | 'none';
  username: string;
  password: string;
  from: string;
  to: string;
  pagerUrl: string;
  routingKey: string;
}

export const emptyTarget: TargetDraft = {
  url: '',
  webhookUrl: '',
  host: '',
  port: '587',
  tls: 'starttls',
  username: '',
  password: '',
  from: '',
  to: '',
  pagerUrl: 'https://events.pagerduty.com/v2/enqueue',
  routingKey: '',
};

export function targetOf(kind: RouteKind, draft: TargetDraft): RouteTarget {
  switch (kind) {
    case 'webhook':
      return { kind, url: draft.url.trim() };
    case 'slack':
      return { kind, webhookUrl: draft.webhookUrl.trim() };
    case 'pagerduty':
      return { kind, url: draft.pagerUrl.trim(), routingKey: draft.routingKey.trim() };
    case 'email':
      return {
        kind,
        host: draft.host.trim(),
        port: Number(draft.port),
        tls: draft.tls,
        username: draft.username.trim(),
        ...(draft.password ? { password: draft.password } : {}),
        from: draft.from.trim(),
        to: draft.to.split(/[\s,;]+/).filter(Boolean),
      };
  }
}

interface Props {
  kind: RouteKind;
  draft: TargetDraft;
  onChange: (draft: TargetDraft) => void;
  problem: (...path: string[]) => string | undefined;
}

export function TargetFields({ kind, draft, onChange, problem }: Props) {
  const bind = (key: keyof TargetDraft) => ({
    value: draft[key],
    autoComplete: 'off',
    onChange: (event: ChangeEvent<HTMLInputElement>) =>
      onChange({ ...draft, [key]: event.target.value }),
  });
  if (kind === 'webhook')
    return (
      <Field
        label="Address"
        help="Gets signed JSON. Addresses inside private networks need the operator’s leave."
        error={problem('target', 'url')}
      >
        <Input placeholder="https://hooks.example.com/ambit" {...bind('url')} />
      </Field>
    );
  if (kind === 'slack')
    return (
      <Field
        label="Incoming webhook"
        help="Of Slack, Mattermost or Rocket.Chat. It is a secret and not shown again."
        error={problem('target', 'webhookUrl')}
      >
        <Input placeholder="https://hooks.slack.com/services/…" {...bind('webhookUrl')} />
      </Field>
    );
  if (kind === 'pagerduty')
    return (
      <div className="grid gap-4 sm:grid-cols-2">
        <Field
          label="Routing key"
          help="The integration key of Events API v2"
          error={problem('target', 'routingKey')}
        >
          <Input {...bind('routingKey')} />
        </Field>
        <Field label="Address" help="Of a compatible service" error={problem('target', 'url')}>
          <Input {...bind('pagerUrl')} />
        </Field>
      </div>
    );
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <Field label="SMTP server" help="Its host name" error={problem('target', 'host')}>
        <Input placeholder="smtp.example.com" {...bind('host')} />
      </Field>
      <div className="grid grid-cols-2 gap-4">
        <Field label="Port" error={problem('target', 'port')}>
          <Input inputMode="numeric" {...bind('port')} />
        </Field>
        <Field label="TLS">
          <Select
            value={draft.tls}
            onChange={(event) =>
              onChange({ ...draft, tls: event.target.value as TargetDraft['tls'] })
            }
          >
            <option value="starttls">STARTTLS</option>
            <option value="implicit">from the start</option>
            <option value="none">none</option>
          </Select>
        </Field>
      </div>
      <Field label="User" optional error={problem('target', 'username')}>
        <Input {...bind('username')} />
      </Field>
      <Field label="Password" optional error={problem('target', 'password')}>
        <Input type="password" {...bind('password')} />
      </Field>
      <Field label="From" error={problem('target', 'from')}>
        <Input placeholder="ambit@example.com" {...bind('from')} />
      </Field>
      <Field label="To" help="Several with commas" error={problem('target', 'to')}>
        <Input placeholder="on-call@example.com" {...bind('to')} />
      </Field>
    </div>
  );
}
