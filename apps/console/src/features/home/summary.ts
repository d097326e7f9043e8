import { count, listWords } from '../../lib/format.ts';

interface Facts {
  meshes: { name: string; status: string }[];
  clusters: { name: string; state: string }[];
  running: number;
}

/** How everything is and what, if anything, to look at: one or two sentences. */
export function homeSentence({ meshes, clusters, running }: Facts): string {
  if (clusters.length === 0) return 'No cluster has joined yet. It takes one command.';
  const silent = clusters.filter((each) => each.state === 'stale' || each.state === 'gone');
  const waiting = clusters.filter((each) => each.state === 'waiting');
  const failing = meshes.filter((each) => each.status === 'Failed' || each.status === 'Degraded');
  const trouble = [
    failing.length
      ? `${failing.length === 1 ? 'mesh' : 'meshes'} ${listWords(
          failing.slice(0, 3).map((each) => each.name),
          'and',
        )}${failing.length > 3 ? ` and ${failing.length - 3} more` : ''} ${failing.length === 1 ? 'needs' : 'need'} attention`
      : '',
    silent.length ? `${count(silent.length, 'cluster')} not heard of` : '',
    waiting.length ? `${count(waiting.length, 'cluster')} waiting for an agent` : '',
  ].filter(Boolean);
  const busy = running ? ` ${count(running, 'operation')} under way.` : '';
  if (trouble.length) {
    const text = trouble.join('; ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.${busy}`;
  }
  const connected = count(clusters.length, 'cluster');
  if (meshes.length === 0) return `${connected} connected. Next: create a mesh.${busy}`;
  const ready = meshes.filter((each) => each.status === 'Ready').length;
  const all =
    ready === meshes.length
      ? `${count(ready, 'mesh is', 'meshes are')} Ready`
      : `${ready} of ${count(meshes.length, 'mesh', 'meshes')} Ready`;
  return `${all}, ${connected} connected.${busy}`;
}
