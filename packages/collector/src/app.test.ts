import { describe, expect, it } from 'vitest';
import { testApp } from '../test/app.ts';
import { memory } from '../test/records.ts';

describe('the collector', () => {
  it('says how it is', async () => {
    await using collector = await testApp();
    await collector.post('/logs', [memory()]);
    const answer = await collector.get('/healthz');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ status: 'ok', service: 'gestor-collector', records: 1 });
  });

  it('describes itself at /docs without asking the network', async () => {
    await using collector = await testApp();
    const page = await collector.get('/docs/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    const { openapi, paths } = (await collector.get('/docs/json')).json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/logs', '/graphs', '/graphs/{name}', '/healthz']),
    );
  });

  it('names what is not there', async () => {
    await using collector = await testApp();
    const answer = await collector.get('/log');
    expect([answer.statusCode, answer.json().error.code]).toEqual([404, 'not_found']);
  });

  it('says no more than "internal" about its own faults', async () => {
    await using collector = await testApp({
      work: { run: () => Promise.reject(new RangeError('a secret')) },
    });
    const answer = await collector.post('/graphs');
    expect([answer.statusCode, answer.json().error.code]).toEqual([500, 'internal']);
    expect(answer.body).not.toContain('secret');
  });

  it('refuses more requests at once than it may hold, and takes them again afterwards', async () => {
    const drawing = Promise.withResolvers<never>();
    const limits = { bodyBytes: 1_000_000, requests: 2, inFlightBytes: 2_000_000 };
    await using collector = await testApp({ limits, work: { run: () => drawing.promise } });
    const held = [collector.post('/graphs'), collector.post('/graphs')];
    await new Promise((resolve) => setImmediate(resolve));
    const refused = await collector.get('/healthz');
    expect([refused.statusCode, refused.headers['retry-after'], refused.json().error.code]).toEqual([
      429,
      '1',
      'too_many_requests',
    ]);
    drawing.reject(new RangeError('done'));
    await Promise.all(held);
    expect((await collector.get('/healthz')).statusCode).toBe(200);
  });
});
