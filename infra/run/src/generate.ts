import { generateClient } from './builds.ts';

await generateClient();
