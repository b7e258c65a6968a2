import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  paginateListStateMachines,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { failing, machine, passing, place, roleArn, served } from './served.ts';

const create = (name: string, definition = passing, more = {}): CreateStateMachineCommand =>
  new CreateStateMachineCommand({ name, definition, roleArn, ...more });

describe('state machines', () => {
  test('a machine is created in the region of the client and described as it was given', async () => {
    const { client } = await served();
    const created = await client.send(create('greeter'));
    expect(created.stateMachineArn).toBe(`${place}:stateMachine:greeter`);
    const described = await client.send(
      new DescribeStateMachineCommand({ stateMachineArn: created.stateMachineArn }),
    );
    const { $metadata, creationDate, ...rest } = described;
    expect(creationDate).toEqual(created.creationDate);
    expect(rest).toEqual({
      stateMachineArn: `${place}:stateMachine:greeter`,
      name: 'greeter',
      status: 'ACTIVE',
      type: 'STANDARD',
      definition: passing,
      roleArn,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
  });

  test('the same request again is the same machine; another definition is refused', async () => {
    const { client } = await served();
    const first = await client.send(create('greeter'));
    const again = await client.send(create('greeter', passing, { roleArn: `${roleArn}2` }));
    expect(again.creationDate).toEqual(first.creationDate);
    await expect(client.send(create('greeter', failing))).rejects.toMatchObject({
      name: 'StateMachineAlreadyExists',
      message: `State Machine Already Exists: '${place}:stateMachine:greeter'`,
    });
  });

  test("rejects a definition in AWS's words", async () => {
    const { client } = await served();
    await expect(client.send(create('broken', '{"StartAt":"A"}'))).rejects.toMatchObject({
      name: 'InvalidDefinition',
      message:
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
    });
  });

  test('rejects names that AWS does not take', async () => {
    const { client } = await served();
    for (const name of ['with space', 'a/b', 'a:b', 'star*', 'bell\u0007']) {
      await expect(client.send(create(name))).rejects.toMatchObject({
        name: 'InvalidName',
        message: `Invalid Name: '${name}'`,
      });
    }
    await expect(client.send(create('n'.repeat(81)))).rejects.toMatchObject({
      name: 'ValidationException',
      message: `1 validation error detected: Value '${'n'.repeat(81)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80`,
    });
  });

  test('rejects an ARN that is none, and one of a machine that is not there', async () => {
    const { client } = await served();
    const describe = (stateMachineArn: string): DescribeStateMachineCommand =>
      new DescribeStateMachineCommand({ stateMachineArn });
    await expect(client.send(describe('not_a_valid_arn'))).rejects.toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Invalid ARN prefix: not_a_valid_arn'",
    });
    await expect(client.send(describe(`${place}:activity:a`))).rejects.toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: activity'",
    });
    await expect(client.send(describe(`${place}:stateMachine:none`))).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${place}:stateMachine:none'`,
    });
  });

  test('an update makes a revision, and one that changes nothing keeps it', async () => {
    const { client } = await served();
    const { stateMachineArn } = await client.send(create('greeter'));
    const update = (more: object): UpdateStateMachineCommand =>
      new UpdateStateMachineCommand({ stateMachineArn, ...more });
    const first = await client.send(update({ definition: failing }));
    expect(first.revisionId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await client.send(update({ definition: failing }))).revisionId).toBe(first.revisionId);
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn }));
    expect(described).toMatchObject({ definition: failing, revisionId: first.revisionId, roleArn });
    await expect(client.send(update({}))).rejects.toMatchObject({
      name: 'MissingRequiredParameter',
      message:
        'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
    });
  });

  test('machines are listed by name, page by page, while others are deleted', async () => {
    const { client } = await served();
    for (const name of ['d', 'b', 'a', 'c', 'e']) await client.send(create(name));
    const names: (string | undefined)[] = [];
    for await (const page of paginateListStateMachines({ client, pageSize: 2 }, {})) {
      for (const { name, stateMachineArn } of page.stateMachines ?? []) {
        names.push(name);
        await client.send(new DeleteStateMachineCommand({ stateMachineArn }));
      }
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toEqual([]);
  });

  test('rejects a page that is too large and a token of another list', async () => {
    const { client } = await served();
    await expect(
      client.send(new ListStateMachinesCommand({ maxResults: 1001 })),
    ).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
    });
    await expect(
      client.send(new ListStateMachinesCommand({ nextToken: 'bm90IG91cnM' })),
    ).rejects.toMatchObject({ name: 'InvalidToken' });
  });

  test('deleting a machine that is not there is no error', async () => {
    const { client } = await served();
    await client.send(
      new DeleteStateMachineCommand({ stateMachineArn: `${place}:stateMachine:x` }),
    );
  });

  test('tags are set, replaced, listed and taken off', async () => {
    const { client } = await served();
    const { stateMachineArn: resourceArn } = await client.send(
      create('greeter', passing, { tags: [{ key: 'team', value: 'a' }] }),
    );
    const tags = async () =>
      (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    await client.send(
      new TagResourceCommand({
        resourceArn,
        tags: [
          { key: 'team', value: 'b' },
          { key: 'stage', value: '' },
        ],
      }),
    );
    expect(await tags()).toEqual([
      { key: 'team', value: 'b' },
      { key: 'stage', value: '' },
    ]);
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'none'] }));
    expect(await tags()).toEqual([{ key: 'stage', value: '' }]);
    const many = Array.from({ length: 51 }, (_, i) => ({ key: `k${i}`, value: 'v' }));
    await expect(
      client.send(new TagResourceCommand({ resourceArn, tags: many })),
    ).rejects.toMatchObject({ name: 'TooManyTags' });
    await expect(
      client.send(new TagResourceCommand({ resourceArn: `${resourceArn}:1`, tags: [] })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFound',
      message: `Resource not found: '${place}:stateMachine:greeter:1'`,
    });
  });

  test('a definition is judged without being created', async () => {
    const { client } = await served();
    const judge = (definition: string, type?: 'EXPRESS') =>
      client.send(new ValidateStateMachineDefinitionCommand({ definition, ...(type && { type }) }));
    expect(await judge(passing)).toMatchObject({ result: 'OK', diagnostics: [] });
    expect(await judge('{}')).toMatchObject({
      result: 'FAIL',
      diagnostics: [
        {
          severity: 'ERROR',
          code: 'SCHEMA_VALIDATION_FAILED',
          message: 'These fields are required: [States, StartAt]',
          location: '/',
        },
      ],
      truncated: false,
    });
    const callback = machine({
      Ask: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Parameters: { QueueUrl: 'q', 'MessageBody.$': '$$.Task.Token' },
        End: true,
      },
    });
    expect((await judge(callback)).result).toBe('OK');
    expect((await judge(callback, 'EXPRESS')).result).toBe('FAIL');
  });
});
