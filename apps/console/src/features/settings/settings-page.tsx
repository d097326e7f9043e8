'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { themeOptions, useTheme } from '@/features/shell/account-menu.tsx';
import { useMe, useRefusal } from '@/lib/session.tsx';
import { themeStore } from '@/lib/theme.ts';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { CopyButton } from '@/ui/copy.tsx';
import { Field, Input, RadioCards } from '@/ui/field.tsx';
import { Facts, PageHeader, Section } from '@/ui/page.tsx';
import { ErrorNote } from '@/ui/states.tsx';
import { Time } from '@/ui/time.tsx';
import { notify } from '@/ui/toast.ts';

const themeTexts = {
  system: 'Follows the setting of this device.',
  light: 'Dark text on light ground.',
  dark: 'Light text on dark ground.',
};

export function SettingsPage() {
  const me = useMe();
  const theme = useTheme();
  return (
    <>
      <PageHeader title="Settings" lead="Of the organisation, and of this browser." />
      <div className="flex max-w-3xl flex-col gap-6">
        <OrganisationForm key={me.organisation.id} />
        <Section title="Appearance" text="Kept in this browser.">
          <RadioCards
            legend="Theme"
            name="theme"
            columns={3}
            value={theme}
            onChange={themeStore.set}
            options={themeOptions.map((option) => ({
              value: option.value,
              title: option.label,
              text: themeTexts[option.value],
            }))}
          />
        </Section>
        <Section title="You">
          <Facts
            items={[
              ['Name', me.actor.name],
              ['Email', me.actor.email ?? '–'],
              ['Role here', me.role],
              ['Organisations', me.organisations.length],
            ]}
          />
        </Section>
      </div>
    </>
  );
}

function OrganisationForm() {
  const me = useMe();
  const trpc = useTRPC();
  const cache = useQueryClient();
  const refused = useRefusal()('organisation.write');
  const [name, setName] = useState(me.organisation.name);
  const update = useMutation(
    trpc.organisation.update.mutationOptions({
      onSuccess: (organisation) => {
        notify.done(`The organisation is called ${organisation.name} now`);
        setName(organisation.name);
        void cache.invalidateQueries({ queryKey: [['me']] });
      },
    }),
  );
  const trimmed = name.trim();
  const problem =
    trimmed.length === 0
      ? 'A name is needed.'
      : trimmed.length > 80
        ? 'At most 80 characters.'
        : undefined;
  const unchanged = trimmed === me.organisation.name ? 'The name is not changed yet.' : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!problem && !unchanged && !refused) update.mutate({ name: trimmed });
  };
  return (
    <Section title="Organisation">
      <form onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" help="Shown in the rail and in invitations" error={problem}>
          <Input
            value={name}
            readOnly={Boolean(refused)}
            autoComplete="off"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
        <Facts
          items={[
            ['Created', <Time key="c" at={me.organisation.createdAt} />],
            [
              'Id',
              <span key="i" className="flex items-center gap-1">
                <span className="truncate font-mono text-xs">{me.organisation.id}</span>
                <CopyButton text={me.organisation.id} label="Copy organisation id" iconOnly />
              </span>,
            ],
          ]}
        />
        <ErrorNote error={update.error} />
        <div className="flex justify-end gap-2">
          <CopyAs verb="organisation.update" input={{ name: trimmed }} />
          <Button
            type="submit"
            variant="primary"
            busy={update.isPending}
            disabledReason={refused ?? problem ?? unchanged}
          >
            Save
          </Button>
        </div>
      </form>
    </Section>
  );
}
