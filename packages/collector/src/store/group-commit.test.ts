import { describe, expect, it } from 'vitest';
import { GroupCommit } from './group-commit.ts';

/** Writes that end only when the test says so. */
function slowWrites() {
  const writes: { text: string; end: (error?: Error) => void }[] = [];
  const append = (lines: Buffer) =>
    new Promise<void>((resolve, reject) => {
      writes.push({ text: lines.toString(), end: (error) => (error ? reject(error) : resolve()) });
    });
  return { writes, append };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('group commit', () => {
  it('puts all that waited into one write', async () => {
    const { writes, append } = slowWrites();
    const commits = new GroupCommit(append);
    const answers = ['a', 'b', 'c', 'd'].map((text) => commits.add(text));
    await tick();
    writes[0]?.end();
    await tick();
    writes[1]?.end();
    await Promise.all(answers);
    expect(writes.map(({ text }) => text)).toEqual(['a', 'b,\nc,\nd']);
  });

  it('answers nobody before the write has ended', async () => {
    const { writes, append } = slowWrites();
    const commits = new GroupCommit(append);
    let answered = false;
    const answer = commits.add('a').then(() => {
      answered = true;
    });
    await tick();
    expect(answered).toBe(false);
    writes[0]?.end();
    await answer;
    expect(answered).toBe(true);
  });

  it.each([
    ['ENOSPC', 507, 'disk_full'],
    ['EIO', 503, 'disk_error'],
  ])('answers %s with %d to all of the group, and goes on with the next', async (code, statusCode, name) => {
    const { writes, append } = slowWrites();
    const commits = new GroupCommit(append);
    const answers = Promise.allSettled(['a', 'b', 'c'].map((text) => commits.add(text)));
    await tick();
    writes[0]?.end();
    await tick();
    writes[1]?.end(Object.assign(new Error(code), { code }));
    const [first, ...rest] = await answers;
    expect(first?.status).toBe('fulfilled');
    for (const each of rest)
      expect(each).toMatchObject({ status: 'rejected', reason: { statusCode, code: name } });
    const after = commits.add('d');
    await tick();
    writes[2]?.end();
    await after;
  });

  it('writes no more than its limit at a time, but a larger batch alone', async () => {
    const { writes, append } = slowWrites();
    const commits = new GroupCommit(append, { writeBytes: 4, queueBytes: 100 });
    const answers = ['a', 'bb', 'cc', 'dddddd', 'e'].map((text) => commits.add(text));
    for (let i = 0; i < 5; i++) {
      await tick();
      writes[i]?.end();
    }
    await Promise.all(answers);
    expect(writes.map(({ text }) => text)).toEqual(['a', 'bb,\ncc', 'dddddd', 'e']);
  });

  it('refuses what memory has no room for', async () => {
    const { writes, append } = slowWrites();
    const commits = new GroupCommit(append, { writeBytes: 4, queueBytes: 3 });
    const answers = [commits.add('a'), commits.add('bbbb')];
    await expect(commits.add('c')).rejects.toMatchObject({ statusCode: 429 });
    for (let i = 0; i < 2; i++) {
      await tick();
      writes[i]?.end();
    }
    await Promise.all(answers);
    const after = commits.add('c');
    await tick();
    writes[2]?.end();
    await after;
  });
});
