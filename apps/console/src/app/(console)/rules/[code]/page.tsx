import { RulePage } from '@/features/findings/rule-page.tsx';

export default async function Page({ params }: { params: Promise<{ code: string }> }) {
  return <RulePage code={(await params).code} />;
}
