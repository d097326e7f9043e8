import { OperationPage } from '@/features/operations/operation-page.tsx';

export default async function Page({ params }: { params: Promise<{ operationId: string }> }) {
  return <OperationPage operationId={(await params).operationId} />;
}
