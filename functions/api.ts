import { readFileSync } from 'node:fs';
import { handle } from 'hono/aws-lambda';
import { createApi } from '../lib/api/api.ts';
import { createCloudRunner } from '../lib/cloud/cloud-runner.ts';
import type { Manifest } from '../lib/run/manifest.ts';

/**
 * The API in AWS: behind an HTTP API (payload 2.0) that has authorized the request, in front of the
 * deployed state machines. The manifest is `CLOUDGATHER_MANIFEST` (JSON) or the file `manifest.json`
 * beside the bundle.
 */
const text =
  process.env.CLOUDGATHER_MANIFEST ??
  readFileSync(new URL('manifest.json', import.meta.url), 'utf8');
const runner = createCloudRunner({ manifest: JSON.parse(text) as Manifest });

/**
 * The answer is sent when it is whole: API Gateway waits 30 s at most, and Lambda sends 6 MB at most
 * (and base64 makes 4 out of 3). So events come in windows, each resumed by `Last-Event-ID`.
 */
const api = createApi(runner, { eventsWindow: 5000, eventsSize: 1_000_000 });

export const handler = handle(api);
