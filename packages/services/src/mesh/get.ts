import { meshGet } from '@ambit/contracts/operations/mesh';
import { implement } from '../kernel/implement.ts';
import { readMesh } from './to-mesh.ts';

export const getMesh = implement(meshGet, (context, { meshId }) => readMesh(context, meshId));
