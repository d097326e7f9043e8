'use client';

import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { count } from '@/lib/format.ts';
import { useTRPCClient } from '@/lib/trpc.tsx';
import { Button } from '@/ui/button.tsx';
import { download } from '@/ui/table/export.ts';
import { notify } from '@/ui/toast.ts';
import { exportRules } from './export.ts';

interface Props {
  objectives: readonly { id: string; subject: { kind: string } }[];
}

/** Offers the objectives of services as a file, for a Prometheus that is to evaluate them. */
export function ExportButton({ objectives }: Props) {
  const client = useTRPCClient();
  const hasService = objectives.some(({ subject }) => subject.kind === 'service');
  const exporting = useMutation({
    mutationFn: () =>
      exportRules(objectives, async (objectiveId) => {
        const { yaml } = await client.objective.rules.query({ objectiveId });
        return yaml;
      }),
    onSuccess: ({ yaml, exported, leftOut }) => {
      download('objectives.prometheus-rule.yaml', 'application/yaml', yaml);
      notify.done(
        `${count(exported, 'objective is', 'objectives are')} exported`,
        leftOut > 0
          ? `${count(leftOut, 'objective', 'objectives')} of workloads left out: rules are made for services.`
          : undefined,
      );
    },
    onError: (error) => notify.failed('The rules could not be exported', error),
  });
  return (
    <Button
      icon={<Download size={14} aria-hidden="true" />}
      disabledReason={
        hasService
          ? undefined
          : 'There is no objective of a service: only those have rules for Prometheus.'
      }
      busy={exporting.isPending}
      onClick={() => exporting.mutate()}
    >
      Export as PrometheusRule
    </Button>
  );
}
