import { readFileSync } from 'node:fs';
import path from 'node:path';
import { handle } from 'hono/aws-lambda';
import { createApi } from '../lib/api/api.ts';
import { createCloudRunner } from '../lib/cloud/cloud-runner.ts';
import { type Manifest, withStateMachines } from '../lib/run/manifest.ts';

/**
 * The API in AWS: behind an HTTP API (payload 2.0) that has authorized the request, in front of the
 * deployed state machines.
 *
 * `manifest.json` beside the bundle holds what is known at synth; CLOUDGATHER_STATE_MACHINES (JSON,
 * workflow name to ARN), CLOUDGATHER_TOKEN_TABLE and CLOUDGATHER_PAYLOADS (s3://bucket) what only a
 * deployment knows. A Lambda environment holds 4 KB, so it cannot
 * hold the whole.
 */
const manifest = withStateMachines(
  JSON.parse(
    readFileSync(path.join(process.env.LAMBDA_TASK_ROOT ?? '.', 'manifest.json'), 'utf8'),
  ) as Manifest,
  JSON.parse(process.env.CLOUDGATHER_STATE_MACHINES ?? '{}') as Record<string, string>,
  {
    tokenTable: process.env.CLOUDGATHER_TOKEN_TABLE,
    payloadBucket: process.env.CLOUDGATHER_PAYLOADS?.replace(/^s3:\/\//, ''),
  },
);

/**
 * The answer is sent when it is whole: API Gateway waits 30 s at most, and Lambda sends 6 MB at most
 * (and base64 makes 4 out of 3). So events come in windows, each resumed by `Last-Event-ID`.
 */
const api = createApi(createCloudRunner({ manifest }), {
  runSize: 5_000_000,
  eventsWindow: 5000,
  eventsSize: 1_000_000,
});

export const handler = handle(api);
