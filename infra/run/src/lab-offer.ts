import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** One line that offers the lab where it can run: Linux, root, Go. */
export function labOffer(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !isInPath('go')) return undefined;
  return 'No cluster at hand?  npm run lab -- up   makes a real Kubernetes with Istio on this machine.';
}

function isInPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
