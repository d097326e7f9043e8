import { lifecycleJourney } from '../both/lifecycle.ts';
import { test } from '../support/sandbox.ts';

lifecycleJourney(test);
