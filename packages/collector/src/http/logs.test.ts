import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOKEN, testApp } from '../../test/app.ts';
import { BOOT, memory, process } from '../../test/records.ts';

const at = (second: number) => `2026-11-21T10:00:${String(second).padStart(2, '0')}.000Z`;
const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => memory({ sequence: i + 1, taken_at: at(i) }));
const sequences = (body: string) => JSON.parse(body).map((record: { sequence: number }) => record.sequence);

let collector: Awaited<ReturnType<typeof testApp>>;
beforeAll(async () => {
  collector = await testApp();
});
afterAll(() => collector[Symbol.asyncDispose]());

describe('POST /logs refused', () => {
  it.each([
    ['a count as text', [memory(), { ...memory({ sequence: 2 }), used_kb: '400' }], '/1/used_kb'],
    ['a fraction of a count', [memory({ used_kb: 0.5 })], '/0/used_kb'],
    ['an unknown field', [{ ...memory(), 'a/b': 1 }], '/0/a~1b'],
    ['a missing field', [{ ...memory(), host: undefined }], '/0'],
    ['a field of the other kind', [{ ...memory(), pid: 1 }], '/0/pid'],
    ['another type', [{ ...memory(), type: 'other' }], '/0'],
    ['a time without zone', [memory({ taken_at: '2026-11-21T10:00:00' })], '/0/taken_at'],
    ['a day that does not exist', [memory({ taken_at: '2026-02-30T10:00:00Z' })], '/0/taken_at'],
    ['another fate', [{ ...process(), fate: 'lost' }], '/0/fate'],
    ['a host of 256 letters', [memory({ host: 'h'.repeat(256) })], '/0/host'],
    ['a number that is not exact', [memory({ sequence: 2 ** 53 })], '/0/sequence'],
    ['no record at all', [], ''],
    ['an object', {}, ''],
  ])('refuses %s, names the place and stores nothing', async (_what, payload, pointer) => {
    const answer = await collector.post('/logs', payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error: { code: 'invalid', message: expect.any(String), pointer } });
    expect(await readFile(join(collector.logsDir, 'logs.json'), 'utf8')).toBe('[\n]\n');
  });

  it.each([
    ['no token', { authorization: '' }, 401, 'token_wrong'],
    ['another token', { authorization: `Bearer ${TOKEN}x` }, 401, 'token_wrong'],
    ['text', { 'content-type': 'text/plain' }, 415, 'media_type'],
  ])('refuses %s', async (_what, headers, status, code) => {
    const answer = await collector.post('/logs', [memory()], headers);
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(collector.store.records).toBe(0);
  });

  it.each(['', '{', '[{"a":1,}]', '\0'])('refuses %j, which is no JSON', async (payload) => {
    const answer = await collector.post('/logs', payload);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'invalid']);
  });

  it('refuses a prototype in disguise', async () => {
    const payload = JSON.stringify([memory()]).replace('{', '{"__proto__":{"x":1},');
    expect((await collector.post('/logs', payload)).statusCode).toBe(400);
  });
});

describe('POST /logs', () => {
  it('stores a batch and says how many', async () => {
    await using collector = await testApp();
    const records = [memory(), process({ sequence: 2 })];
    const answer = await collector.post('/logs', records);
    expect([answer.statusCode, answer.json()]).toEqual([201, { stored: 2 }]);
    expect(JSON.parse(await readFile(join(collector.logsDir, 'logs.json'), 'utf8'))).toEqual(records);
  });

  it('refuses too many records and too many bytes with what to do', async () => {
    await using collector = await testApp({
      limits: { bodyBytes: 3_000_000, requests: 10, inFlightBytes: 9_000_000 },
    });
    const many = await collector.post('/logs', Array(5001).fill(memory()));
    expect([many.statusCode, many.json().error.message]).toEqual([
      413,
      expect.stringContaining('5000 records'),
    ]);
    const large = await collector.post('/logs', ' '.repeat(3_000_001));
    expect([large.statusCode, large.json().error.message]).toEqual([
      413,
      expect.stringContaining('3000000 bytes'),
    ]);
  });

  it('never mixes or loses what 200 clients send at once', async () => {
    await using collector = await testApp();
    const batches = Array.from({ length: 200 }, (_, b) =>
      [0, 1, 2].map((i) => memory({ sequence: b * 3 + i + 1 })),
    );
    const answers = await Promise.all(batches.map((batch) => collector.post('/logs', batch)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(200).fill(201));
    const stored: number[] = sequences((await collector.get('/logs')).body);
    expect([...stored].sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    for (const first of stored.filter((n) => n % 3 === 1)) {
      expect(stored.slice(stored.indexOf(first), stored.indexOf(first) + 3)).toEqual([
        first,
        first + 1,
        first + 2,
      ]);
    }
  });
});

describe('exactly once', () => {
  const key = `${BOOT}-1`;

  it('answers a batch that is sent again like the first time, and stores it once', async () => {
    await using collector = await testApp();
    for (let i = 0; i < 3; i++) {
      const answer = await collector.post('/logs', numbered(3), { 'idempotency-key': key });
      expect([answer.statusCode, answer.json()]).toEqual([201, { stored: 3 }]);
    }
    expect(sequences((await collector.get('/logs')).body)).toEqual([1, 2, 3]);
  });

  it('refuses a key that is not the batch', async () => {
    await using collector = await testApp();
    const answer = await collector.post('/logs', numbered(3), { 'idempotency-key': `${BOOT}-2` });
    expect([answer.statusCode, answer.json().error.pointer]).toEqual([400, '/0/sequence']);
  });

  it('refuses another batch under the same key', async () => {
    await using collector = await testApp();
    await collector.post('/logs', numbered(3), { 'idempotency-key': key });
    const answer = await collector.post('/logs', [memory({ used_kb: 1 })], { 'idempotency-key': key });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().error).toMatchObject({ code: 'conflict', pointer: '/0/sequence' });
  });

  it('shows what is held and missing in the ledger', async () => {
    await using collector = await testApp();
    await collector.post('/logs', [memory(), memory({ sequence: 4 })]);
    expect((await collector.get('/ledger')).json()).toMatchObject({
      boots: [
        { host: 'host', boot_id: BOOT, records: 2, last: 4, missing: 2, gaps: [{ first: 2, last: 3 }] },
      ],
      damaged: { lines: 0, places: [] },
    });
  });
});

describe('GET /logs', () => {
  it('answers an empty array when there is nothing', async () => {
    await using collector = await testApp();
    const answer = await collector.get('/logs');
    expect([answer.statusCode, answer.headers['content-type'], answer.json()]).toEqual([
      200,
      'application/json',
      [],
    ]);
    expect((await collector.get('/logs', { accept: 'application/x-ndjson' })).body).toBe('');
  });

  it('gives records back as they came, whatever their characters', async () => {
    await using collector = await testApp();
    const nasty = process({ name: '"\\\n\u0000\u2028', command_line: 'é 😀 \ud800', reason: '],\n]' });
    await collector.post('/logs', [nasty]);
    expect((await collector.get('/logs')).json()).toEqual([nasty]);
  });

  it('answers one record a line when asked to', async () => {
    await using collector = await testApp();
    await collector.post('/logs', numbered(3));
    const answer = await collector.get('/logs', { accept: 'application/x-ndjson' });
    expect(answer.headers['content-type']).toBe('application/x-ndjson');
    const lines = answer.body.split('\n');
    expect(lines).toHaveLength(4);
    expect(lines.slice(0, 3).map((line) => JSON.parse(line).sequence)).toEqual([1, 2, 3]);
  });

  it.each([
    ['since, itself included', `since=${at(3)}`, [4, 5]],
    ['until, itself included', `until=${at(1)}`, [1, 2]],
    ['another zone', 'since=2026-11-21T12:00:03%2B02:00', [4, 5]],
    ['since and until', `since=${at(1)}&until=${at(2)}`, [2, 3]],
    ['the newest two', 'limit=2', [4, 5]],
    ['the newest of a span', `limit=1&until=${at(2)}`, [3]],
    ['more than there are', 'limit=100', [1, 2, 3, 4, 5]],
    ['the other type', 'type=process', []],
    ['the type', 'type=memory&limit=1', [5]],
  ])('filters by %s', async (_what, query, expected) => {
    await using collector = await testApp();
    await collector.post('/logs', numbered(5));
    expect(sequences((await collector.get(`/logs?${query}`)).body)).toEqual(expected);
  });

  it('finds a container by name, id and start of its id', async () => {
    await using collector = await testApp();
    const other = process({ sequence: 2, container_id: 'f'.repeat(64), container_name: 'other' });
    await collector.post('/logs', [process(), other, memory({ sequence: 3 })]);
    for (const container of ['other', 'f'.repeat(64), 'fff']) {
      expect(sequences((await collector.get(`/logs?container=${container}`)).body)).toEqual([2]);
    }
    expect(sequences((await collector.get('/logs?container=nobody')).body)).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=1.5',
    'limit=x',
    'type=other',
    'since=today',
    'colour=red',
    'container=',
  ])('refuses ?%s', async (query) => {
    const answer = await collector.get(`/logs?${query}`);
    expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'invalid']);
    expect(answer.json().error.message).toContain('query');
  });

  it('is paged by the link of each answer, and the last link waits for what comes', async () => {
    await using collector = await testApp();
    await collector.post('/logs', numbered(7));
    const pages: number[][] = [];
    let url = '/logs?after=0_0&limit=3';
    const follow = async () => {
      const answer = await collector.get(url);
      pages.push(sequences(answer.body));
      url = /<([^>]+)>; rel="next"/.exec(String(answer.headers.link))?.[1] ?? url;
    };
    for (let i = 0; i < 4; i++) await follow();
    await collector.post('/logs', [memory({ sequence: 8, taken_at: at(30) })]);
    await follow();
    expect(pages).toEqual([[1, 2, 3], [4, 5, 6], [7], [], [8]]);
  });
});
