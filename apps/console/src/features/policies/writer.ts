const doors: Record<string, string> = {
  console: 'console',
  rest: 'REST',
  cli: 'CLI',
  worker: 'the platform',
  agent: 'agent',
};

const clients: [manager: RegExp, name: string][] = [
  [/^kubectl\b/, 'kubectl'],
  [/^helm$/i, 'Helm'],
  [/^argocd/, 'Argo CD'],
  [/^(kustomize|helm)-controller$/, 'Flux'],
  [/^terraform/i, 'Terraform'],
];

/** How a version came in: the door, or the client of the Kubernetes API by the name it gives itself. */
export function writtenWith({ door, manager }: { door: string; manager: string }): string {
  if (door !== 'kubectl') return doors[door] ?? door;
  const known = clients.find(([pattern]) => pattern.test(manager));
  return known?.[1] ?? (manager || 'kubectl');
}
