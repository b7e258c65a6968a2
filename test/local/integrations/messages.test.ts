import { describe, expect, test } from 'vitest';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import type { JsonObject } from '../../../lib/json.ts';
import { createIntegrations } from '../../../lib/local/integrations/integrations.ts';
import { outcomeOf, runTask } from './run-task.ts';
import { jsonStub, md5, queryStub } from './stand-ins.ts';

const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/jobs';

describe('SQS', () => {
  test('a message that is not text is sent as its JSON text', async () => {
    const sent: JsonObject[] = [];
    const url = await jsonStub((action, input) => {
      expect(action).toBe('SendMessage');
      sent.push(input);
      return { MessageId: 'm-1', MD5OfMessageBody: md5(String(input.MessageBody)) };
    });
    const environment = { AWS_ENDPOINT_URL_SQS: url };
    const result = await runTask(
      'sqs:sendMessage',
      { QueueUrl, MessageBody: { n: 1 } },
      { environment },
    );
    expect(sent).toEqual([{ QueueUrl, MessageBody: '{"n":1}' }]);
    expect(result).toMatchObject({
      MessageId: 'm-1',
      MD5OfMessageBody: md5('{"n":1}'),
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: 'request-1' },
    });
  });

  test('.waitForTaskToken sends the token and waits for it', async () => {
    const bodies: string[] = [];
    const url = await jsonStub((_action, input) => {
      bodies.push(String(input.MessageBody));
      return { MessageId: 'm-1', MD5OfMessageBody: md5(String(input.MessageBody)) };
    });
    const tasks = createIntegrations({ environment: { AWS_ENDPOINT_URL: url } });
    const engine = createEngine({ tasks });
    const definition = {
      StartAt: 'Ask',
      States: {
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token' } },
          End: true,
        },
      },
    };
    const submitted = Promise.withResolvers<void>();
    const watching = createEngine({
      tasks,
      onEvent: ({ type }) => type === 'TaskSubmitted' && submitted.resolve(),
    });
    const execution = watching.start(loadMachine(definition));
    await submitted.promise;
    const { token } = JSON.parse(bodies[0] ?? '{}') as { token: string };
    expect(() => engine.sendTaskSuccess(token, '1')).toThrow('Invalid token');
    watching.sendTaskSuccess(token, '"done"');
    expect(await execution.done).toEqual({ status: 'SUCCEEDED', output: '"done"' });
  });

  test("fails by AWS's names", async () => {
    const code = 'com.amazonaws.sqs#QueueDoesNotExist';
    const url = await jsonStub(() => ({
      __code: code.split('#')[1] as string,
      message: 'The specified queue does not exist.',
    }));
    const options = { environment: { AWS_ENDPOINT_URL_SQS: url } };
    const send = { QueueUrl, MessageBody: 'x' };
    expect(await outcomeOf('sqs:sendMessage', send, options)).toMatchObject({
      error: 'SQS.QueueDoesNotExistException',
    });
    expect(await outcomeOf('aws-sdk:sqs:sendMessage', send, options)).toMatchObject({
      error: 'Sqs.QueueDoesNotExistException',
      cause: expect.stringContaining('(Service: Sqs, Status Code: 400'),
    });
  });
});

describe('SNS', () => {
  const TopicArn = 'arn:aws:sns:eu-west-1:123456789012:news';

  test('a message is published', async () => {
    const published: string[] = [];
    const url = await queryStub((action, input) => {
      published.push(`${action} ${input.get('Message')}`);
      return {
        xml: '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></PublishResponse>',
      };
    });
    const options = { environment: { AWS_ENDPOINT_URL_SNS: url } };
    const result = await runTask('sns:publish', { TopicArn, Message: { a: 1 } }, options);
    expect(published).toEqual(['Publish {"a":1}']);
    expect(result).toMatchObject({ MessageId: 'm-1', SdkHttpMetadata: { HttpStatusCode: 200 } });
  });

  test('.waitForTaskToken publishes and is answered with the message id first', async () => {
    const url = await queryStub(() => ({
      xml: '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>',
    }));
    const submitted = Promise.withResolvers<string>();
    const engine = createEngine({
      tasks: createIntegrations({ environment: { AWS_ENDPOINT_URL_SNS: url } }),
      onEvent: ({ type, details }) =>
        type === 'TaskSubmitted' && submitted.resolve(String(details?.output)),
    });
    const state = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish.waitForTaskToken',
      Parameters: { TopicArn, 'Message.$': '$$.Task.Token' },
      End: true,
    };
    const execution = engine.start(loadMachine({ StartAt: 'Tell', States: { Tell: state } }));
    expect(JSON.parse(await submitted.promise)).toMatchObject({ MessageId: 'm-1' });
    execution.stop();
    expect((await execution.done).status).toBe('ABORTED');
  });

  test("fails by AWS's names", async () => {
    const url = await queryStub(() => ({
      status: 400,
      xml: '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid parameter: TopicArn</Message></Error><RequestId>r-1</RequestId></ErrorResponse>',
    }));
    const options = { environment: { AWS_ENDPOINT_URL_SNS: url } };
    expect(await outcomeOf('sns:publish', { TopicArn, Message: 'x' }, options)).toMatchObject({
      error: 'SNS.InvalidParameterException',
    });
  });
});

describe('EventBridge', () => {
  const entry = { Source: 'here', DetailType: 'done', Detail: { ok: true } };

  test('events are put, with the execution among their resources', async () => {
    const seen: JsonObject[] = [];
    const url = await jsonStub((_action, input) => {
      seen.push(input);
      return { FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] };
    });
    const options = { environment: { AWS_ENDPOINT_URL_EVENTBRIDGE: url } };
    const result = await runTask('events:putEvents', { Entries: [entry] }, options);
    expect(result).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: 'e-1' }] });
    expect(seen).toMatchObject([
      {
        Entries: [
          {
            Source: 'here',
            Detail: '{"ok":true}',
            Resources: [
              expect.stringContaining(':stateMachine:'),
              expect.stringContaining(':execution:'),
            ],
          },
        ],
      },
    ]);
  });

  test('an entry that the bus refuses fails the task', async () => {
    const answer = {
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' }],
    };
    const url = await jsonStub(() => answer);
    const options = { environment: { AWS_ENDPOINT_URL: url } };
    const outcome = await outcomeOf('events:putEvents', { Entries: [entry] }, options);
    expect(outcome).toMatchObject({ status: 'FAILED', error: 'EventBridge.FailedEntry' });
    expect(JSON.parse('cause' in outcome ? (outcome.cause ?? '') : '')).toEqual(answer);
  });
});

describe('Secrets Manager', () => {
  test('a secret is read; one that is not there fails by name', async () => {
    const url = await jsonStub((action, { SecretId }): JsonObject => {
      expect(action).toBe('GetSecretValue');
      return SecretId === 'there'
        ? { Name: 'there', SecretString: 's', CreatedDate: 1_700_000_000 }
        : { __code: 'ResourceNotFoundException', message: 'There is none.' };
    });
    const options = { environment: { AWS_ENDPOINT_URL_SECRETS_MANAGER: url } };
    const get = 'aws-sdk:secretsmanager:getSecretValue';
    expect(await runTask(get, { SecretId: 'there' }, options)).toEqual({
      Name: 'there',
      SecretString: 's',
      CreatedDate: '2023-11-14T22:13:20.000Z',
    });
    expect(await outcomeOf(get, { SecretId: 'none' }, options)).toMatchObject({
      error: 'SecretsManager.ResourceNotFoundException',
    });
  });
});
