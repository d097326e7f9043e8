import type { ServedMesh } from '../../../testing/mesh-process.ts';

export type MakeMesh = () => Promise<ServedMesh>;
