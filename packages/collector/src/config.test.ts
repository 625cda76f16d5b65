import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(readConfig({})).toMatchObject({
      port: 8000,
      host: '0.0.0.0',
      logsDir: '/data/logs',
      timeZone: 'UTC',
    });
  });

  it('is read from the environment', () => {
    const env = { GESTOR_DATA: '/x', GESTOR_PORT: '0', TZ: 'Europe/Madrid', GESTOR_REQUESTS: '7' };
    expect(readConfig(env)).toMatchObject({ port: 0, graphsDir: '/x/graphs', timeZone: 'Europe/Madrid' });
    expect(readConfig(env).limits.requests).toBe(7);
  });

  it.each([
    ['GESTOR_PORT', 'x'],
    ['GESTOR_PORT', '-1'],
    ['GESTOR_PORT', '65536'],
    ['GESTOR_REQUESTS', '0'],
    ['TZ', 'Moon/Sea'],
  ])('with %s=%s is refused by name', (name, value) => {
    expect(() => readConfig({ [name]: value })).toThrow(name);
  });
});
