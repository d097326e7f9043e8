import { expect, it } from 'vitest';
import { nearerText, settingOf } from './reclaim-words.ts';

const scope = (namespace: string, name: string | null = null) => ({
  namespace,
  name,
  mode: 'off' as const,
  afterS: 60,
});
const settings = {
  mode: 'automatic' as const,
  afterS: 3_600,
  scopes: [scope('shop'), scope('shop', 'waypoint'), scope('mall', 'waypoint')],
  released: [],
  sentence: '',
};

it('tells what is set for the mesh, for a namespace, and that nothing is', () => {
  expect(settingOf(settings, '')).toEqual({ mode: 'automatic', afterS: 3_600 });
  expect(settingOf(settings, 'shop')).toEqual({ mode: 'off', afterS: 60 });
  expect(settingOf(settings, 'mall')).toEqual({ mode: 'inherit', afterS: 3_600 });
});

it('names who says otherwise nearer by', () => {
  expect(nearerText(settings, '')).toContain('shop, shop/waypoint, mall/waypoint');
  expect(nearerText(settings, 'shop')).toContain('Not of shop/waypoint:');
  expect(nearerText(settings, 'elsewhere')).toBe('');
});
