'use client';

import { skipToken, useMutation, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '@/lib/paths.ts';
import { useRefusal } from '@/lib/session.tsx';
import { useTRPC } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { Checks } from '@/ui/checks.tsx';
import { CopyAs } from '@/ui/copy-as.tsx';
import { Field, Input, Select } from '@/ui/field.tsx';
import { Section } from '@/ui/page.tsx';
import { ErrorNote, Skeleton } from '@/ui/states.tsx';
import { busyReason, useMesh } from './mesh-layout.tsx';

/** Upgrade to a release that is offered, with its check shown before. */
export function UpgradeSection() {
  const mesh = useMesh();
  const trpc = useTRPC();
  const router = useRouter();
  const refusal = useRefusal();
  const [chosen, setChosen] = useState('');
  const [timeoutText, setTimeoutText] = useState('600');
  const release = chosen || mesh.upgradeTo[0] || '';
  const check = useQuery(
    trpc.mesh.upgradeCheck.queryOptions(release ? { meshId: mesh.id, release } : skipToken),
  );
  const upgrade = useMutation(
    trpc.mesh.upgrade.mutationOptions({
      onSuccess: ({ operation }) => router.push(paths.operation(operation.id)),
    }),
  );
  const readyTimeoutSeconds = Number(timeoutText);
  const badTimeout =
    Number.isInteger(readyTimeoutSeconds) &&
    readyTimeoutSeconds >= 20 &&
    readyTimeoutSeconds <= 3600
      ? undefined
      : 'A whole number of seconds from 20 to 3600.';
  const input = { meshId: mesh.id, version: mesh.version, release, readyTimeoutSeconds };
  return (
    <div id="upgrade" className="scroll-mt-20">
      <Section
        title="Upgrade"
        text={`Now at ${mesh.activeRelease ?? mesh.release}. When the new release does not become Ready in its time, the previous one is restored.`}
      >
        {mesh.upgradeTo.length === 0 ? (
          <p className="text-ink-2">
            No release is offered beyond {mesh.activeRelease ?? mesh.release}. See{' '}
            <Link href={paths.releases()} className="text-accent underline underline-offset-2">
              the releases
            </Link>
            .
          </p>
        ) : (
          <div className="flex flex-col gap-4">
            <div className="grid gap-x-6 gap-y-4 sm:grid-cols-2">
              <Field label="Release" help="Patch releases, and the next minor one">
                <Select value={release} onChange={(event) => setChosen(event.target.value)}>
                  {mesh.upgradeTo.map((each) => (
                    <option key={each}>{each}</option>
                  ))}
                </Select>
              </Field>
              <Field
                label="Time to become Ready, in seconds"
                standard="600"
                help="After this, the previous release is restored"
                error={badTimeout}
              >
                <Input
                  inputMode="numeric"
                  value={timeoutText}
                  onChange={(event) => setTimeoutText(event.target.value)}
                />
              </Field>
            </div>
            <div>
              <h3 className="mb-1.5 font-medium">Check</h3>
              {check.error ? (
                <ErrorNote error={check.error} />
              ) : check.data ? (
                <Checks items={check.data.checks} />
              ) : (
                <Skeleton lines={3} />
              )}
            </div>
            <ErrorNote error={upgrade.error} />
            <div className="flex flex-wrap justify-end gap-2">
              <CopyAs verb="mesh.upgrade" input={input} />
              <Button
                variant="primary"
                busy={upgrade.isPending}
                disabledReason={
                  refusal('mesh.write') ??
                  busyReason(mesh) ??
                  badTimeout ??
                  (check.data?.allowed === false
                    ? 'The check found something that stands in the way.'
                    : undefined)
                }
                onClick={() => upgrade.mutate(input)}
              >
                Upgrade to {release}
              </Button>
            </div>
          </div>
        )}
      </Section>
    </div>
  );
}
