import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['packages/contract', 'packages/manager', 'packages/collector', 'packages/setup'],
    coverage: {
      provider: 'v8',
      include: ['**/decide.ts', '**/series.ts'],
      thresholds: { branches: 100, lines: 100, perFile: true },
    },
  },
});
