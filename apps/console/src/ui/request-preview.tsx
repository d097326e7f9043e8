'use client';

import { useEffect, useState } from 'react';
import { stringify } from 'yaml';
import { asCommand, asCurl, type RequestContract, restRequest } from '@/lib/requests.ts';
import { Code } from './copy.tsx';
import { contractOf } from './copy-as.tsx';
import { Tabs } from './tabs.tsx';

interface Props {
  verb: string;
  input: Record<string, unknown>;
}

/** What a form is about to send: as YAML, as curl and as an `ambit` command. */
export function RequestPreview({ verb, input }: Props) {
  const [contract, setContract] = useState<RequestContract | null>(null);
  useEffect(() => void contractOf(verb).then(setContract), [verb]);
  if (!contract) return <div className="skeleton h-40" />;
  const request = restRequest(contract, input);
  const yaml = `# ${request.method} ${request.path}\n${stringify(request.body ?? {})}`;
  return (
    <Tabs
      label="Request"
      tabs={[
        { value: 'yaml', label: 'YAML', content: <Code code={yaml} label="request as YAML" /> },
        {
          value: 'curl',
          label: 'curl',
          content: <Code code={asCurl(contract, input, window.location.origin)} label="curl" />,
        },
        {
          value: 'ambit',
          label: 'ambit',
          content: <Code code={asCommand(contract, input)} label="ambit command" />,
        },
      ]}
    />
  );
}
