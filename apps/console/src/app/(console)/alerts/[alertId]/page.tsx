import { AlertPage } from '@/features/alerts/alert-page.tsx';

export default async function Page({ params }: { params: Promise<{ alertId: string }> }) {
  return <AlertPage alertId={(await params).alertId} />;
}
