import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// `unit` needs nothing: no root, no build, no kernel; its time limits are for what hangs, not for what is slow on a busy
// machine. `machine` runs real kernels (this one, and a guest) on the built program, two files at a time, each with one run of
// powercut, because two cores shared by more kernels make every time limit a lie.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/machine/**'],
          setupFiles: ['test/support/seed.ts'],
          // Of two cores vitest would leave one to itself.
          maxWorkers: availableParallelism(),
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'machine',
          include: ['test/machine/**/*.test.ts'],
          maxWorkers: 2,
          // Not beside the unit tests.
          sequence: { groupOrder: 1 },
          // A test's time has its wait for the others of its file in it.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
