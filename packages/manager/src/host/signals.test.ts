import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { watchEndSignals } from './signals.ts';

function pressed(...times: readonly number[]) {
  const emitter = new EventEmitter();
  let clock = 0;
  const signals = watchEndSignals(emitter, () => clock);
  for (const [index, time] of times.entries()) {
    clock = time;
    emitter.emit(index % 2 === 0 ? 'SIGINT' : 'SIGTERM');
  }
  return { stop: signals.stop.aborted, hurry: signals.hurry.aborted };
}

describe('signals to end', () => {
  it('ask for nothing at first', () => {
    expect(pressed()).toEqual({ stop: false, hurry: false });
  });

  it('ask to end', () => {
    expect(pressed(0)).toEqual({ stop: true, hurry: false });
  });

  it('are one press when they come together', () => {
    expect(pressed(0, 100)).toEqual({ stop: true, hurry: false });
  });

  it('ask to hurry when they come again', () => {
    expect(pressed(0, 100, 2000)).toEqual({ stop: true, hurry: true });
  });
});
