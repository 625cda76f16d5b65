import { readFile } from 'node:fs/promises';
import { ApiError, Graphs, Health, Ledger, type LogRecord, Stored } from 'contract';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Pool } from 'undici';
import { GestorError, messageOf } from '../errors.ts';

const ANSWER_LIMIT_MS = 10_000;
/** Drawing charts of a long run takes longer than storing a batch. */
const CHART_LIMIT_MS = 60_000;

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
  readonly signal?: AbortSignal;
}

/** Talks to the collector over one connection that is kept alive. */
export interface CollectorClient {
  readonly url: string;
  /** What answers at the collector's port: `null` is nothing, `'stranger'` is not a collector. */
  health(): Promise<Health | 'stranger' | null>;
  /** Returns once the records are on the collector's disk. */
  send(key: string, records: readonly LogRecord[]): Promise<Stored>;
  draw(signal?: AbortSignal): Promise<Graphs>;
  /** Which records of each boot it holds. */
  ledger(): Promise<Ledger>;
  close(): Promise<void>;
}

const isError = Compile(ApiError);
const isHealth = Compile(Health);

function refusal(status: number, body: unknown): GestorError {
  const words = isError.Check(body) ? body.error : { code: `HTTP ${status}`, message: 'no reason given' };
  // What is wrong with the request itself stays wrong however often it is sent.
  const code = status === 400 || status === 413 || status === 422 ? 'BATCH_REFUSED' : 'COLLECTOR_REFUSED';
  return new GestorError(code, `The collector refused (${words.code}): ${words.message}`);
}

function checked<T extends TSchema>(schema: T, body: unknown, path: string): Static<T> {
  const validator = Compile(schema);
  if (validator.Check(body)) return body;
  throw new GestorError('COLLECTOR_REFUSED', `The collector's answer to ${path} is not what was agreed.`);
}

export function collectorClient(port: number, tokenFile: string): CollectorClient {
  const url = `http://127.0.0.1:${port}`;
  const pool = new Pool(url, { connections: 1 });

  const ask = async (question: Question): Promise<{ status: number; body: unknown }> => {
    const { method, path, limitMs = ANSWER_LIMIT_MS } = question;
    const limit = AbortSignal.timeout(limitMs);
    const signal = question.signal === undefined ? limit : AbortSignal.any([limit, question.signal]);
    try {
      const { statusCode, body } = await pool.request({
        method,
        path,
        signal,
        ...(question.headers === undefined ? {} : { headers: question.headers }),
        ...(question.body === undefined ? {} : { body: question.body }),
      });
      const text = await body.text();
      try {
        return { status: statusCode, body: JSON.parse(text) };
      } catch {
        return { status: statusCode, body: text };
      }
    } catch (error) {
      const sentence = `The collector at ${url} does not answer: ${messageOf(error)}`;
      throw new GestorError('COLLECTOR_UNREACHABLE', sentence, error);
    }
  };

  /** The token is read each time: a collector that was started again has a new one. */
  const write = async (question: Omit<Question, 'method'>) => {
    const token = await readFile(tokenFile, 'utf8').catch((error: unknown) => {
      throw new GestorError('COLLECTOR_REFUSED', `${tokenFile} can't be read: ${messageOf(error)}`, error);
    });
    const headers = { ...question.headers, authorization: `Bearer ${token.trim()}` };
    const { status, body } = await ask({ ...question, method: 'POST', headers });
    if (status >= 200 && status < 300) return body;
    throw refusal(status, body);
  };

  return {
    url,
    health: async () => {
      try {
        const { body } = await ask({ method: 'GET', path: '/healthz', limitMs: 2000 });
        return isHealth.Check(body) ? body : 'stranger';
      } catch {
        return null;
      }
    },
    send: async (key, records) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      return checked(Stored, await write({ path: '/logs', body: JSON.stringify(records), headers }), '/logs');
    },
    draw: async (signal) => {
      const question = {
        path: '/graphs',
        limitMs: CHART_LIMIT_MS,
        ...(signal === undefined ? {} : { signal }),
      };
      return checked(Graphs, await write(question), '/graphs');
    },
    ledger: async () => {
      const { status, body } = await ask({ method: 'GET', path: '/ledger' });
      if (status !== 200) throw refusal(status, body);
      return checked(Ledger, body, '/ledger');
    },
    close: () => pool.destroy(),
  };
}
