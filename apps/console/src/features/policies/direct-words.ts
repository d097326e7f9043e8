import type { WriterTool } from '@ambit/contracts/agent/objects';

interface Written {
  clusterName: string;
  writer: { tool: WriterTool; application: string; managers: string[] } | null;
}

const tools: Record<WriterTool, string> = {
  argocd: 'Argo CD',
  flux: 'Flux',
  helm: 'Helm',
  kubectl: 'kubectl',
  terraform: 'Terraform',
  istio: 'istiod',
  ambit: 'another Ambit',
  other: '',
};

/** `Argo CD (shop)`: who wrote an object that stands in a cluster. */
export function writerWords({ writer }: Pick<Written, 'writer'>): string {
  if (!writer) return 'somebody';
  const name = tools[writer.tool] || (writer.managers[0] ?? 'somebody');
  return writer.application ? `${name} (${writer.application})` : name;
}

/** `east · Argo CD (shop)`: where a policy comes from, in the list. */
export const originWords = (object: Written): string =>
  `${object.clusterName} · ${writerWords(object)}`;

/** The word of a state in the product's status vocabulary (ui/status). */
export const directStatus = (state: string): string => `direct-${state}`;
