import { readConfig } from './config.ts';

// The image's health check: exit code 0 when the collector in this container answers. The image has no curl.
const { port } = readConfig();
const answer = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(4000) });
if (!answer.ok) {
  console.error(`/healthz answered ${answer.status}`);
  process.exitCode = 1;
}
