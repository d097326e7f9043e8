'use client';

import { useEffect, useState } from 'react';
import type { stringify } from 'yaml';
import { asCommand, asCurl, type RequestContract, restRequest } from '@/lib/requests.ts';
import { Code } from './copy.tsx';
import { contractOf } from './copy-as.tsx';
import { Tabs } from './tabs.tsx';

interface Props {
  verb: string;
  input: Record<string, unknown>;
}

interface Loaded {
  contract: RequestContract;
  stringify: typeof stringify;
}

/** What a form is about to send: as YAML, as curl and as an `ambit` command. */
export function RequestPreview({ verb, input }: Props) {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    void Promise.all([contractOf(verb), import('yaml')]).then(([contract, yaml]) =>
      setLoaded({ contract, stringify: yaml.stringify }),
    );
  }, [verb]);
  if (!loaded) return <div className="skeleton h-40" />;
  const { contract } = loaded;
  const request = restRequest(contract, input);
  const yaml = `# ${request.method} ${request.path}\n${loaded.stringify(request.body ?? {})}`;
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
