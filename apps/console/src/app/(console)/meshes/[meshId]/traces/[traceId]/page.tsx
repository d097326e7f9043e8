import { TracePage } from '@/features/traces/trace-page.tsx';

export default async function Page({ params }: { params: Promise<{ traceId: string }> }) {
  return <TracePage traceId={(await params).traceId} />;
}
