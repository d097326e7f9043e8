import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['AMBIT_TEST_SEED'] ?? 20_261_125) });
