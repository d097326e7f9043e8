import type { Metadata } from 'next';
import { Accept } from '@/features/auth/accept.tsx';

export const metadata: Metadata = { title: 'Invitation' };

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <Accept token={(await params).token} />;
}
