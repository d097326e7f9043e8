/** Services of one mesh that are unwell, the worst first, as far as they were asked for. */
export interface Unwell {
  meshId: string;
  services: {
    namespace: string;
    name: string;
    health: string;
    errorShare: number | null;
  }[];
  /** All that are unwell in the mesh. */
  total: number;
}

interface MeshKnown {
  id: string;
  workloads: { enrolled: number };
}

const mostMeshesAsked = 24;

/** Meshes that are asked for services that are unwell: of those that have something in them, as many as a server keeps graphs of. */
export const meshesToAsk = (meshes: readonly MeshKnown[]): string[] =>
  meshes
    .filter(({ workloads }) => workloads.enrolled > 0)
    .slice(0, mostMeshesAsked)
    .map(({ id }) => id);

interface Answer {
  items: Unwell['services'];
  total: number;
  sources: { state: string }[];
}

/**
 * Asks one mesh after the other, so that other questions of the page find a connection. A mesh that cannot be asked, or of
 * which no source tells now, is left out: what its graph last had says nothing of now. So is one whose graph nobody keeps.
 */
export async function askUnwell(
  meshIds: readonly string[],
  ask: (meshId: string) => Promise<Answer>,
): Promise<Unwell[]> {
  const found: Unwell[] = [];
  for (const meshId of meshIds) {
    // oxlint-disable-next-line no-await-in-loop -- one at a time is the point
    const answer = await ask(meshId).catch(() => null);
    const isTold = answer?.sources.some(({ state }) => state === 'ok' || state === 'partial');
    if (answer && isTold) found.push({ meshId, services: answer.items, total: answer.total });
  }
  return found;
}
