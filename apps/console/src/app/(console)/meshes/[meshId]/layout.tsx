import type { ReactNode } from 'react';
import { MeshLayout } from '@/features/meshes/mesh-layout.tsx';

interface Props {
  params: Promise<{ meshId: string }>;
  children: ReactNode;
}

export default async function Layout({ params, children }: Props) {
  return <MeshLayout meshId={(await params).meshId}>{children}</MeshLayout>;
}
