import { lifecycleJourney } from '../both/lifecycle.ts';
import { test } from '../support/lab.ts';

lifecycleJourney(test);
