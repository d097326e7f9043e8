/** Two small files: one mistake, and 350 lines as a team's folder has them. */
import { bookinfo } from '@ambit/analysis/testing/bookinfo';
import { yamlText } from '@ambit/analysis/testing/yaml-text';

const oneMistake = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: web
  namespace: shop
spec:
  hosts:
  - web
  gateways:
  - nowhere
  http:
  - route:
    - destination:
        host: web
      weight: -1
`;

export function smallFiles(): { name: string; text: string }[] {
  const [objects = []] = [...bookinfo({ namespaces: 1, mistakes: 1, seed: 3 })];
  const lines = yamlText(objects).split('\n');
  const end = lines.lastIndexOf('---', 350);
  return [
    { name: 'one-mistake.yaml', text: oneMistake },
    { name: '350-lines.yaml', text: `${lines.slice(0, end).join('\n')}\n` },
  ];
}
