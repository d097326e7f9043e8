import { ObjectivePage } from '@/features/objectives/objective-page.tsx';

export default async function Page({ params }: { params: Promise<{ objectiveId: string }> }) {
  return <ObjectivePage objectiveId={(await params).objectiveId} />;
}
