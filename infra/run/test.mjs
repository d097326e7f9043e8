import { launch } from './bootstrap/launch.mjs';

await launch('src/test.ts');
