import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  PublishStateMachineVersionCommand,
  type SFNClient,
  StartExecutionCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { failing, passing, place, roleArn, served } from './served.ts';

const arn = `${place}:stateMachine:greeter`;

async function twoVersions(client: SFNClient): Promise<void> {
  await client.send(
    new CreateStateMachineCommand({
      name: 'greeter',
      definition: passing,
      roleArn,
      publish: true,
      versionDescription: 'the first',
    }),
  );
  await client.send(
    new UpdateStateMachineCommand({ stateMachineArn: arn, definition: failing, publish: true }),
  );
}

const alias = (routes: readonly (readonly [string, number])[], name = 'live') =>
  new CreateStateMachineAliasCommand({
    name,
    routingConfiguration: routes.map(([version, weight]) => ({
      stateMachineVersionArn: `${arn}${version}`,
      weight,
    })),
  });

describe('versions', () => {
  test('each published revision is a version, the newest listed first', async () => {
    const { client } = await served();
    await twoVersions(client);
    const { stateMachineVersions } = await client.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: arn }),
    );
    expect(stateMachineVersions?.map((each) => each.stateMachineVersionArn)).toEqual([
      `${arn}:2`,
      `${arn}:1`,
    ]);
    const first = await client.send(
      new DescribeStateMachineCommand({ stateMachineArn: `${arn}:1` }),
    );
    expect(first).toMatchObject({
      stateMachineArn: `${arn}:1`,
      name: 'greeter',
      description: 'the first',
      definition: passing,
    });
  });

  test('a revision that is published already keeps its version; numbers are not given twice', async () => {
    const { client } = await served();
    await twoVersions(client);
    const publish = new PublishStateMachineVersionCommand({ stateMachineArn: arn });
    expect((await client.send(publish)).stateMachineVersionArn).toBe(`${arn}:2`);
    const remove = new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${arn}:2` });
    await client.send(remove);
    await client.send(remove);
    expect((await client.send(publish)).stateMachineVersionArn).toBe(`${arn}:3`);
  });

  test('rejects publishing a revision that is not the current one', async () => {
    const { client } = await served();
    await twoVersions(client);
    await expect(
      client.send(
        new PublishStateMachineVersionCommand({ stateMachineArn: arn, revisionId: 'INITIAL' }),
      ),
    ).rejects.toMatchObject({
      name: 'ConflictException',
      message: expect.stringMatching(
        /^Failed to publish the State Machine version for revision INITIAL\. The current State Machine revision is [0-9a-f-]{36}\.$/,
      ),
    });
  });

  test('an execution of a version runs its revision and is listed under it', async () => {
    const { client } = await served();
    await twoVersions(client);
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn: `${arn}:1`, name: 'one' }),
    );
    await client.send(new StartExecutionCommand({ stateMachineArn: arn, name: 'two' }));
    expect(await client.send(new DescribeExecutionCommand({ executionArn }))).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineArn: arn,
      stateMachineVersionArn: `${arn}:1`,
    });
    const listed = await client.send(new ListExecutionsCommand({ stateMachineArn: `${arn}:1` }));
    expect(listed.executions?.map(({ name }) => name)).toEqual(['one']);
    const all = await client.send(new ListExecutionsCommand({ stateMachineArn: arn }));
    expect(all.executions?.map(({ name }) => name)).toEqual(['two', 'one']);
    const machine = await client.send(
      new DescribeStateMachineForExecutionCommand({ executionArn }),
    );
    expect(machine).toMatchObject({ stateMachineArn: arn, name: 'greeter', definition: passing });
  });
});

describe('aliases', () => {
  test('an alias sends executions to its versions by weight', async () => {
    const numbers = [0.29, 0.31];
    const { client } = await served({}, { random: () => numbers.shift() ?? 0.5 });
    await twoVersions(client);
    await client.send(
      alias([
        [':1', 30],
        [':2', 70],
      ]),
    );
    const start = async (): Promise<object> => {
      const started = await client.send(
        new StartExecutionCommand({ stateMachineArn: `${arn}:live` }),
      );
      return await client.send(
        new DescribeExecutionCommand({ executionArn: started.executionArn }),
      );
    };
    expect(await start()).toMatchObject({
      status: 'SUCCEEDED',
      stateMachineAliasArn: `${arn}:live`,
      stateMachineVersionArn: `${arn}:1`,
    });
    expect(await start()).toMatchObject({
      status: 'FAILED',
      stateMachineVersionArn: `${arn}:2`,
    });
  });

  test('an alias is changed, described, listed and deleted', async () => {
    const { client } = await served();
    await twoVersions(client);
    const created = await client.send(alias([[':1', 100]]));
    expect(created.stateMachineAliasArn).toBe(`${arn}:live`);
    await client.send(alias([[':1', 100]]));
    const stateMachineAliasArn = `${arn}:live`;
    await client.send(
      new UpdateStateMachineAliasCommand({
        stateMachineAliasArn,
        description: 'now',
        routingConfiguration: [{ stateMachineVersionArn: `${arn}:2`, weight: 100 }],
      }),
    );
    const described = await client.send(
      new DescribeStateMachineAliasCommand({ stateMachineAliasArn }),
    );
    expect(described).toMatchObject({
      name: 'live',
      description: 'now',
      routingConfiguration: [{ stateMachineVersionArn: `${arn}:2`, weight: 100 }],
    });
    const list = async (stateMachineArn: string): Promise<number | undefined> =>
      (await client.send(new ListStateMachineAliasesCommand({ stateMachineArn })))
        .stateMachineAliases?.length;
    expect([await list(arn), await list(`${arn}:1`), await list(`${arn}:2`)]).toEqual([1, 0, 1]);
    await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
    await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn }));
    expect(await list(arn)).toBe(0);
    await expect(
      client.send(new UpdateStateMachineAliasCommand({ stateMachineAliasArn, description: 'x' })),
    ).rejects.toMatchObject({
      name: 'ResourceNotFound',
      message: 'Request references a resource that does not exist.',
    });
  });

  test("rejects routes that AWS does not take, in AWS's words", async () => {
    const { client } = await served();
    await twoVersions(client);
    const refused = async (...routes: (readonly [string, number])[]): Promise<string> =>
      await client.send(alias(routes)).then(
        () => 'taken',
        (error: Error) => error.message,
      );
    expect(await refused(['', 100])).toBe(
      `Routing configuration must contain state machine version ARNs. Received: [${arn}]`,
    );
    expect(await refused([':1', 50], [':1', 50])).toBe(
      `Routing configuration must contain distinct state machine version ARNs. Received: [${arn}:1, ${arn}:1]`,
    );
    expect(await refused([':1', 70], [':2', 29])).toBe(
      'Sum of routing configuration weights must equal 100. Received: [70, 29]',
    );
    expect(await refused([':1', 101])).toBe(
      "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
    );
    await expect(client.send(alias([[':1', 100]], '123'))).rejects.toThrow(
      "1 validation error detected: Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$",
    );
  });

  test('rejects deleting a version that an alias routes to, and another alias of the name', async () => {
    const { client } = await served();
    await twoVersions(client);
    await client.send(alias([[':1', 100]]));
    await expect(
      client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: `${arn}:1` })),
    ).rejects.toMatchObject({
      name: 'ConflictException',
      message:
        'Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [live]',
    });
    await expect(client.send(alias([[':2', 100]]))).rejects.toMatchObject({
      name: 'ConflictException',
      message:
        'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
    });
  });
});
