import { defineConfig } from 'vitest/config';

// What takes minutes: npm run test:long in packages/collector.
export default defineConfig({
  test: {
    name: 'collector-long',
    root: import.meta.dirname,
    include: ['*.long.ts'],
    testTimeout: 1_800_000,
    fileParallelism: false,
  },
});
