import { describe, expect, test } from 'vitest';
import { ModelError } from '../../lib/model/errors.ts';
import { withKey } from '../../lib/model/key.ts';
import { providerServer, sendJson } from './provider-server.ts';

const use = { provider: 'openai', model: 'm-1' };
let secrets = 0;

/** A secret of its own for each test, since keys are kept for the life of the process. */
async function secretsManager(values: readonly (string | { status: number; body: object })[]) {
  const server = await providerServer((_, response) => {
    const value = values[Math.min(server.received.length, values.length) - 1] ?? '';
    if (typeof value === 'string') sendJson(response, 200, { Name: 'x', SecretString: value });
    else sendJson(response, value.status, value.body);
  });
  secrets += 1;
  const arn = `arn:aws:secretsmanager:eu-west-1:123456789012:secret:openai-key-${secrets}`;
  const environment = {
    CLOUDGATHER_KEY_SECRET_ARN: arn,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: server.origin,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'CANARY-AWS-SECRET',
    AWS_SESSION_TOKEN: 'CANARY-SESSION',
  };
  return { server, arn, environment };
}

const keyOf = (apiKey: string | null) => Promise.resolve({ apiKey, attempts: 1 });
const unauthorized = () =>
  new ModelError('Model.Unauthorized', 'openai:m-1 refused the key.', { ...use, status: 401 });

describe('the key', () => {
  test('is the variable on this machine', async () => {
    expect(await withKey({ CLOUDGATHER_API_KEY: ' sk-1\n' }, use, keyOf)).toMatchObject({
      apiKey: 'sk-1',
    });
  });

  test('is none where none is set', async () => {
    expect(await withKey({}, use, keyOf)).toMatchObject({ apiKey: null });
  });

  test('is read from Secrets Manager by a signed request, once for all calls', async () => {
    const { server, arn, environment } = await secretsManager(['sk-1']);
    const results = await Promise.all([1, 2, 3].map(() => withKey(environment, use, keyOf)));
    results.push(await withKey(environment, use, keyOf));
    expect(results.map(({ apiKey }) => apiKey)).toEqual(['sk-1', 'sk-1', 'sk-1', 'sk-1']);
    expect(server.received).toHaveLength(1);
    expect(server.received[0]?.body).toEqual({ SecretId: arn });
    expect(server.received[0]?.headers).toMatchObject({
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-security-token': 'CANARY-SESSION',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request, SignedHeaders=.*x-amz-target.*, Signature=[0-9a-f]{64}$/,
      ),
    });
  });

  test('may be the one text of a JSON object, as the console makes it', async () => {
    const { environment } = await secretsManager(['{"OPENAI_API_KEY":"sk-2"}']);
    expect(await withKey(environment, use, keyOf)).toMatchObject({ apiKey: 'sk-2' });
  });

  test('is read again once where the provider refuses it, and the call counts twice', async () => {
    const { server, environment } = await secretsManager(['old', 'new']);
    const tried: (string | null)[] = [];
    const call = async (apiKey: string | null) => {
      tried.push(apiKey);
      if (apiKey === 'old') throw unauthorized();
      return { apiKey, attempts: 1 };
    };
    const results = await Promise.all([
      withKey(environment, use, call),
      withKey(environment, use, call),
    ]);
    expect(results).toEqual([
      { apiKey: 'new', attempts: 2 },
      { apiKey: 'new', attempts: 2 },
    ]);
    expect(tried).toEqual(['old', 'old', 'new', 'new']);
    expect(server.received).toHaveLength(2);
  });

  test('that is still the same after that fails without a second call', async () => {
    const { environment } = await secretsManager(['same']);
    let calls = 0;
    const call = () => {
      calls += 1;
      return Promise.reject(unauthorized());
    };
    await expect(withKey(environment, use, call)).rejects.toThrow('openai:m-1 refused the key.');
    expect(calls).toBe(1);
  });

  test('is not read again after a failure that is not about the key', async () => {
    const { server, environment } = await secretsManager(['sk-1', 'sk-2']);
    const rejected = new ModelError('Model.Rejected', 'openai:m-1 no.', { ...use, status: 400 });
    await expect(withKey(environment, use, () => Promise.reject(rejected))).rejects.toBe(rejected);
    expect(server.received).toHaveLength(1);
  });
});

describe('a key that cannot be had', () => {
  test.each([
    [
      { status: 400, body: { __type: 'AccessDeniedException', message: 'CANARY' } },
      'Model.Unauthorized',
      /Grant secretsmanager:GetSecretValue/,
    ],
    [
      { status: 400, body: { __type: 'ResourceNotFoundException', message: 'CANARY' } },
      'Model.Unauthorized',
      /there is no such secret/,
    ],
    [
      { status: 200, body: { SecretBinary: 'Q0FOQVJZ' } },
      'Model.Unauthorized',
      /status 200 and no text value/,
    ],
    [
      { status: 500, body: { __type: 'InternalServiceError' } },
      'Model.Unavailable',
      /Secrets Manager answered with status 500/,
    ],
    ['', 'Model.Unauthorized', /the key is empty or holds spaces/],
    ['{"a":"CANARY1","b":"CANARY2"}', 'Model.Unauthorized', /the key is empty/],
    ['{broken CANARY', 'Model.Unauthorized', /the key is empty/],
    ['CANARY\nKEY', 'Model.Unauthorized', /line breaks or letters that a header cannot carry/],
  ])('fails by name: %j', async (value, name, message) => {
    const { environment } = await secretsManager([value]);
    const error = (await withKey(environment, use, keyOf).catch(
      (thrown: unknown) => thrown,
    )) as ModelError;
    expect(error).toMatchObject({ name, provider: 'openai', model: 'm-1' });
    expect(error.message).toMatch(message);
    expect(JSON.stringify(error) + error.stack).not.toMatch(/CANARY/);
  });

  test('fails as Model.Unavailable where Secrets Manager is out of reach, and is asked for again later', async () => {
    const { environment } = await secretsManager(['sk-1']);
    const away = { ...environment, AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' };
    await expect(withKey(away, use, keyOf)).rejects.toMatchObject({ name: 'Model.Unavailable' });
    expect(await withKey(environment, use, keyOf)).toMatchObject({ apiKey: 'sk-1' });
  });

  test('fails for a variable that a header cannot carry', async () => {
    await expect(withKey({ CLOUDGATHER_API_KEY: 'a b' }, use, keyOf)).rejects.toMatchObject({
      name: 'Model.Unauthorized',
    });
  });
});
