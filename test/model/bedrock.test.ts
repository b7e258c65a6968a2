import { describe, expect, test } from 'vitest';
import { callModel } from '../../lib/model/call.ts';
import { connectionFrom, modelEnvironment } from '../../lib/model/connection.ts';
import { providerOfFunction } from '../../lib/model/function-provider.ts';
import { providerNamed } from '../../lib/model/providers.ts';
import { completion, providerServer, sendJson } from './provider-server.ts';

const provider = providerNamed('bedrock');
const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'token',
  AWS_REGION: 'eu-west-1',
};

describe('Bedrock', () => {
  test("is reached in the environment's region, with its credentials and no key", () => {
    const connection = connectionFrom(credentials, provider);
    expect(connection).toMatchObject({
      baseURL: 'https://bedrock-runtime.eu-west-1.amazonaws.com/v1',
      apiKey: null,
    });
    if (connection === null) return;
    const environment = modelEnvironment(connection);
    expect(environment).toMatchObject(credentials);
    expect(
      providerOfFunction({ CLOUDGATHER_PROVIDER: 'bedrock', AWS_REGION: 'eu-west-1' }),
    ).toEqual({ provider, baseURL: 'https://bedrock-runtime.eu-west-1.amazonaws.com/v1' });
  });

  test('is not reached without credentials, and by key where there is one', () => {
    expect(connectionFrom({}, provider)).toBeNull();
    const byKey = connectionFrom({ ...credentials, AWS_BEARER_TOKEN_BEDROCK: 'b' }, provider);
    expect(byKey).toMatchObject({ apiKey: 'b' });
    expect(byKey).not.toHaveProperty('signing');
  });

  test('gets every request signed, body and session token included', async () => {
    const server = await providerServer((_, response) => sendJson(response, 200, completion('ok')));
    const signing = {
      accessKeyId: 'A',
      secretAccessKey: 's',
      sessionToken: 't',
      region: 'eu-west-1',
    };
    const connection = { provider, baseURL: server.baseURL, apiKey: null, signing };
    const result = await callModel({ model: 'openai.gpt-oss-120b', prompt: 'x' }, connection);
    expect(result.output).toBe('ok');
    const headers = server.received[0]?.headers;
    expect(headers?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=A\/\d{8}\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=.*;host;x-amz-date;x-amz-security-token;.*, Signature=[0-9a-f]{64}$/,
    );
    expect(headers?.['x-amz-security-token']).toBe('t');
    expect(server.received[0]?.body.model).toBe('openai.gpt-oss-120b');
  });

  test('fails by name where it refuses, and is asked once', async () => {
    const server = await providerServer((_, response) =>
      sendJson(response, 503, { message: 'busy' }),
    );
    const signing = { accessKeyId: 'A', secretAccessKey: 's', region: 'eu-west-1' };
    const connection = { provider, baseURL: server.baseURL, apiKey: null, signing };
    await expect(callModel({ model: 'm', prompt: 'x' }, connection)).rejects.toMatchObject({
      name: 'Model.Overloaded',
    });
    expect(server.received).toHaveLength(1);
  });
});
