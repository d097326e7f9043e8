import { afterAll, beforeAll, describe } from 'vitest';
import { startMeshProcess, type MeshProcess } from '../../../testing/mesh-process.ts';
import { clientNode } from './client-node.ts';
import { goPrograms } from './go.ts';
import { helmChart } from './helm.ts';
import { istiod } from './istiod.ts';
import { kubectlScript } from './kubectl.ts';

/** Unmodified clients, each on a mesh of its own, against one API process on Postgres. */
describe('against the API process on Postgres', () => {
  let served: MeshProcess;
  beforeAll(async () => {
    served = await startMeshProcess();
  });
  afterAll(() => served.close());

  const makeMesh = () => served.makeMesh();
  kubectlScript(makeMesh);
  clientNode(makeMesh);
  goPrograms(makeMesh);
  helmChart(makeMesh);
  istiod(makeMesh);
});
