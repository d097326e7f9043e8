import { PolicyPage } from '@/features/policies/policy-page.tsx';

export default async function Page({ params }: { params: Promise<{ policyId: string }> }) {
  return <PolicyPage policyId={(await params).policyId} />;
}
