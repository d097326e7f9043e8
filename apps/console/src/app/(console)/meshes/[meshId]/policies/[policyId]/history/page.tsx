import { PolicyHistory } from '@/features/policies/policy-history.tsx';

export default async function Page({ params }: { params: Promise<{ policyId: string }> }) {
  return <PolicyHistory policyId={(await params).policyId} />;
}
