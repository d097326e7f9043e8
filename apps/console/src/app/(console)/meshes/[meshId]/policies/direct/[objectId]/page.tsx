import { DirectPage } from '@/features/policies/direct-page.tsx';

export default async function Page({ params }: { params: Promise<{ objectId: string }> }) {
  return <DirectPage objectId={(await params).objectId} />;
}
