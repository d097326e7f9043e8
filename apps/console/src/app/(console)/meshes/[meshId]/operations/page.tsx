import { OperationTable } from '@/features/operations/operation-table.tsx';

export default async function Page({ params }: { params: Promise<{ meshId: string }> }) {
  return <OperationTable targetId={(await params).meshId} />;
}
