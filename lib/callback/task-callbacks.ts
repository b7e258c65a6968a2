import { AwsClient } from 'aws4fetch';
import { CloudgatherError } from '../errors.ts';
import type { Json } from '../json.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The longest wait for one answer of Step Functions, which usually comes within 50 ms. */
const longestWait = 5_000;

/** How often a call is made before it is given up: Step Functions throttles at 500 a second. */
const attempts = 4;

/**
 * Answers tasks that wait for their token (`.waitForTaskToken`). Each method gives true when the task
 * took the answer, and false when it no longer waits: it was answered before, timed out, or its
 * execution has ended. So an answer that comes twice, as webhooks do, does no harm.
 *
 * Each throws CallbackFailed when Step Functions cannot be reached or refuses; no token is in it.
 */
export interface TaskCallbacks {
  /** The task's result. At most 256 KiB as JSON. */
  succeed(token: string, output: Json): Promise<boolean>;
  /** Fails the task: Retry and Catch match on `error` (256 characters; `cause` 32,768). */
  fail(token: string, error: string, cause?: string): Promise<boolean>;
  /** Starts the state's HeartbeatSeconds anew. */
  heartbeat(token: string): Promise<boolean>;
}

/** Step Functions could not be told how a task ended. */
export class CallbackFailed extends CloudgatherError {
  constructor(operation: string, why: string) {
    super(
      'Callback.Failed',
      `${operation} was not taken by Step Functions: ${why}. The task still waits for its answer.`,
    );
  }
}

/**
 * Answers by Step Functions' own protocol (AWS JSON 1.0: SendTaskSuccess, SendTaskFailure,
 * SendTaskHeartbeat), at AWS_ENDPOINT_URL_SFN, AWS_ENDPOINT_URL, or the region's endpoint. Signed by
 * `aws4fetch` with the credentials in the environment (decision of 2026-11-22: no AWS SDK in functions).
 */
export function taskCallbacks(environment: Environment): TaskCallbacks {
  const send = sender(environment);
  return {
    succeed: (taskToken, output) =>
      send('SendTaskSuccess', { taskToken, output: JSON.stringify(output) }),
    fail: (taskToken, error, cause) =>
      send('SendTaskFailure', {
        taskToken,
        error: error.slice(0, 256),
        ...(cause === undefined ? {} : { cause: cause.slice(0, 32_768) }),
      }),
    heartbeat: (taskToken) => send('SendTaskHeartbeat', { taskToken }),
  };
}

function sender(environment: Environment): (operation: string, body: object) => Promise<boolean> {
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  const endpoint =
    environment.AWS_ENDPOINT_URL_SFN ??
    environment.AWS_ENDPOINT_URL ??
    `https://states.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
  const aws = new AwsClient({
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    ...(environment.AWS_SESSION_TOKEN ? { sessionToken: environment.AWS_SESSION_TOKEN } : {}),
    service: 'states',
    region,
    retries: 0,
  });
  return async (operation, body) => {
    let why = '';
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      if (attempt > 1) await pause(attempt);
      const answer = await post(aws, `${endpoint.replace(/\/+$/, '')}/`, operation, body);
      if (answer.ok) return true;
      if (/TaskDoesNotExist|TaskTimedOut/.test(answer.error)) return false;
      why = answer.error;
      if (!answer.again) break;
    }
    throw new CallbackFailed(operation, why);
  };
}

/** 50 to 100, 100 to 200, 200 to 400 ms. */
function pause(attempt: number): Promise<void> {
  const most = 50 * 2 ** (attempt - 1);
  return new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
}

/** One request. `error` is AWS's name or the status, never the message: it may repeat what was sent. */
async function post(
  aws: AwsClient,
  url: string,
  operation: string,
  body: object,
): Promise<{ ok: boolean; error: string; again: boolean }> {
  let response: Response;
  try {
    response = await aws.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AWSStepFunctions.${operation}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(longestWait),
    });
  } catch {
    return { ok: false, error: 'it could not be reached', again: true };
  }
  const text = await response.text().catch(() => '');
  if (response.ok) return { ok: true, error: '', again: false };
  const type = /"__type"\s*:\s*"(?:[^"#]*#)?([\w.]+)"/.exec(text)?.[1];
  const again = response.status >= 500 || response.status === 429 || /Throttl/.test(type ?? '');
  return { ok: false, error: type ?? `it answered ${response.status}`, again };
}
