'use client';

import { ClipboardCopy } from 'lucide-react';
import { asCommand, asCurl, type RequestContract } from '@/lib/requests.ts';
import { Button } from './button.tsx';
import { useCopy } from './copy.tsx';
import { Menu, MenuItem } from './menu.tsx';

interface Props {
  /** `domain.verb` of the catalogue. */
  verb: string;
  input: Record<string, unknown>;
  /** The same seen from the cluster, where there is such a view. */
  kubectl?: string;
  size?: 'sm' | 'md';
}

/** Contract of a verb; the catalogue is loaded when first asked for. */
export async function contractOf(id: string): Promise<RequestContract> {
  const { catalogue } = await import('@ambit/contracts/catalogue');
  const [domain = '', verb = ''] = id.split('.');
  const contract = (catalogue as Record<string, Record<string, RequestContract>>)[domain]?.[verb];
  if (!contract) throw new Error(`No verb ${id} in the catalogue`);
  return contract;
}

export function CopyAs({ verb, input, kubectl, size = 'md' }: Props) {
  const { done, copy } = useCopy();
  const copyWith = (build: (contract: RequestContract) => string) =>
    void contractOf(verb).then((contract) => copy(build(contract)));
  return (
    <Menu
      trigger={
        <Button size={size} icon={<ClipboardCopy size={14} aria-hidden="true" />}>
          <span aria-live="polite">{done ? 'Copied' : 'Copy as'}</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => copyWith((c) => asCurl(c, input, window.location.origin))}>
        curl
      </MenuItem>
      <MenuItem onSelect={() => copyWith((c) => asCommand(c, input))}>ambit command</MenuItem>
      {kubectl ? <MenuItem onSelect={() => copy(kubectl)}>kubectl</MenuItem> : null}
    </Menu>
  );
}
