import { fileURLToPath } from 'node:url';

/** Folder of a Go program with a shared informer and a dynamic client of client-go; it reads KUBECONFIG. */
export const goClientSource = fileURLToPath(new URL('../clients/go', import.meta.url));
