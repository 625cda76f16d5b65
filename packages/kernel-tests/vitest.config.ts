import { defineConfig } from 'vitest/config';

/** Judges what the guests sent; run by the shell scripts of this package, which boot them first. */
export default defineConfig({ test: { include: ['src/*.test.ts'] } });
