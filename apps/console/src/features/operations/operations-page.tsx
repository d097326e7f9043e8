'use client';

import { CopyAs } from '@/ui/copy-as.tsx';
import { PageHeader } from '@/ui/page.tsx';
import { OperationTable } from './operation-table.tsx';

export function OperationsPage() {
  return (
    <>
      <PageHeader
        title="Operations"
        lead="Every change of a mesh, with its steps and logs."
        actions={<CopyAs verb="operation.list" input={{}} />}
      />
      <OperationTable />
    </>
  );
}
