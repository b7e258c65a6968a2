import type { Environment } from '../connection.ts';
import { dynamo } from '../dynamo.ts';
import { field, textField } from '../field.ts';
import { type Change, type Changed, type LimiterTable, type Row, TableBusy } from './table.ts';

const operators = { '<': '<', '<=': '<=', '=': '=', '>=': '>=' } as const;

/**
 * A DynamoDB table whose partition key is the text `id`. One change is one UpdateItem; a failed
 * condition gives the row back in the same answer.
 * @param patience as `dynamo` has it
 */
export function dynamoTable(
  name: string,
  environment: Environment,
  patience?: number,
): LimiterTable {
  const ask = dynamo(environment, patience);
  return {
    async change(key, change): Promise<Changed> {
      const Key = { id: { S: key } };
      const { ok, body } = await ask('UpdateItem', {
        TableName: name,
        Key,
        ...expressions(change),
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      if (ok) return { done: true, row: rowOf(field(body, 'Attributes')) };
      const type = textField(body, '__type') ?? '';
      if (/Throttling|ThroughputExceeded|RequestLimitExceeded/.test(type))
        throw new TableBusy(type);
      if (!type.endsWith('ConditionalCheckFailedException')) {
        throw new Error(`DynamoDB refused to update the limiter's table: ${type}.`);
      }
      const item = field(body, 'Item');
      if (item !== undefined) return { done: false, row: rowOf(item) };
      const read = await ask('GetItem', { TableName: name, Key, ConsistentRead: true });
      return { done: false, row: rowOf(field(read.body, 'Item')) };
    },
  };
}

/** A change in DynamoDB's words. Every name is a placeholder, since many words are reserved. */
function expressions({ when = [], add = {}, set = {}, remove = [] }: Change): object {
  const names = new Map<string, string>();
  const values: Record<string, { N: string }> = {};
  const nameOf = (name: string): string => {
    const known = names.get(name) ?? `#n${names.size}`;
    names.set(name, known);
    return known;
  };
  const held = (value: number): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = { N: String(value) };
    return placeholder;
  };
  const clause = (word: string, parts: readonly string[]): readonly string[] =>
    parts.length === 0 ? [] : [`${word} ${parts.join(', ')}`];
  const update = [
    ...clause(
      'SET',
      Object.entries(set).map(([name, value]) => `${nameOf(name)} = ${held(value)}`),
    ),
    ...clause(
      'ADD',
      Object.entries(add).map(([name, value]) => `${nameOf(name)} ${held(value)}`),
    ),
    ...clause('REMOVE', remove.map(nameOf)),
  ];
  const conditions = when.map(({ name, is, value, orAbsent }) => {
    const test = `${nameOf(name)} ${operators[is]} ${held(value)}`;
    return orAbsent ? `(attribute_not_exists(${nameOf(name)}) OR ${test})` : test;
  });
  return {
    UpdateExpression: update.join(' '),
    ...(conditions.length === 0 ? {} : { ConditionExpression: conditions.join(' AND ') }),
    ExpressionAttributeNames: Object.fromEntries(
      [...names].map(([name, placeholder]) => [placeholder, name]),
    ),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
}

function rowOf(item: unknown): Row {
  if (item === null || typeof item !== 'object') return {};
  return Object.fromEntries(
    Object.keys(item).flatMap((name) => {
      const number = textField(item, name, 'N');
      return number === undefined ? [] : [[name, Number(number)] as const];
    }),
  );
}
