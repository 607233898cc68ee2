import { defineConfig } from 'vitest/config';

// `unit` needs nothing: no root, no build, no kernel; its time limits are for what hangs, not for what is slow on a busy
// machine. `machine` runs real kernels (this one, and a guest) on the built program, one file at a time, because two cores
// shared by several kernels make every time limit a lie.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/machine/**'],
          setupFiles: ['test/support/seed.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'machine',
          include: ['test/machine/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
