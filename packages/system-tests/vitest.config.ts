import { defineConfig } from 'vitest/config';

// One engine, one crontab, one port: one test at a time.
export default defineConfig({
  test: { include: ['src/**/*.test.ts'], fileParallelism: false, testTimeout: 180_000, hookTimeout: 180_000 },
});
