import { MeshFindings } from '@/features/findings/mesh-findings.tsx';

export default MeshFindings;
