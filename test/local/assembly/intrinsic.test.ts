import { describe, expect, it } from 'vitest';
import type { Json } from '../../../lib/json.ts';
import { Stack } from '../../../lib/local/assembly/stack.ts';
import type { Template } from '../../../lib/local/assembly/template.ts';

/** A stack of this template in eu-west-1, beside one that exports 'shared' as 'from elsewhere'. */
function stackOf(template: Template, parameters: Readonly<Record<string, string>> = {}): Stack {
  const artifact = { name: 'Shop', region: 'eu-west-1', account: '111122223333', folder: '.' };
  return new Stack(
    { ...artifact, template, parameters, assets: new Map() },
    (name) => `from ${name}`,
  );
}

const template: Template = {
  Parameters: {
    Size: { Type: 'Number', Default: 3 },
    Zones: { Type: 'CommaDelimitedList', Default: 'a,b,c' },
    Given: { Type: 'String' },
    Secret: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/path' },
  },
  Mappings: { Prices: { apple: { kilo: 2 } } },
  Conditions: {
    Small: { 'Fn::Equals': [{ Ref: 'Size' }, '3'] },
    Big: { 'Fn::Not': [{ Condition: 'Small' }] },
    Either: { 'Fn::Or': [{ Condition: 'Small' }, { Condition: 'Big' }] },
    Both: { 'Fn::And': [{ Condition: 'Small' }, { Condition: 'Big' }] },
  },
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: { 'Fn::Sub': 'q-${Size}' } } },
    Topic: { Type: 'AWS::SNS::Topic' },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Work: { Type: 'AWS::Lambda::Function' },
    WorkVersion: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Work' } } },
    WorkLive: {
      Type: 'AWS::Lambda::Alias',
      Properties: { FunctionName: { Ref: 'Work' }, Name: 'live' },
    },
    Thing: { Type: 'Custom::Thing' },
  },
};

describe('an intrinsic function', () => {
  it.each<[string, Json, Json]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Ref of a parameter', { Ref: 'Size' }, 3],
    ['Ref of a parameter that the app gives', { Ref: 'Given' }, 'by the app'],
    ['Ref of a queue', { Ref: 'Queue' }, 'https://sqs.eu-west-1.amazonaws.com/111122223333/q-3'],
    ['Ref of a topic', { Ref: 'Topic' }, 'arn:aws:sns:eu-west-1:111122223333:Shop-Topic'],
    ['Ref of a function', { Ref: 'Work' }, 'Shop-Work'],
    [
      'Ref of a version',
      { Ref: 'WorkVersion' },
      'arn:aws:lambda:eu-west-1:111122223333:function:Shop-Work:1',
    ],
    [
      'Ref of an alias',
      { Ref: 'WorkLive' },
      'arn:aws:lambda:eu-west-1:111122223333:function:Shop-Work:live',
    ],
    ['Ref of what it does not know', { Ref: 'Thing' }, 'Shop-Thing'],
    ['GetAtt', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::Shop-Bucket'],
    ['GetAtt in one text', { 'Fn::GetAtt': 'Queue.QueueName' }, 'q-3'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Size' }, 'b']] }, 'a-3-b'],
    ['Join of a list parameter', { 'Fn::Join': ['+', { Ref: 'Zones' }] }, 'a+b+c'],
    ['Sub', { 'Fn::Sub': '${AWS::Region}/${Queue.QueueName}/${!Kept}' }, 'eu-west-1/q-3/${Kept}'],
    ['Sub with values', { 'Fn::Sub': ['${x} and ${Size}', { x: { Ref: 'Size' } }] }, '3 and 3'],
    ['Select and Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['Select of zones', { 'Fn::Select': ['0', { 'Fn::GetAZs': '' }] }, 'eu-west-1a'],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'shared-${Size}' } }, 'from shared-3'],
    ['FindInMap', { 'Fn::FindInMap': ['Prices', 'apple', 'kilo'] }, 2],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['If', { 'Fn::If': ['Small', 'small', 'big'] }, 'small'],
    [
      'If by Or, And and Not',
      [{ 'Fn::If': ['Either', 1, 2] }, { 'Fn::If': ['Both', 1, 2] }, { 'Fn::If': ['Big', 1, 2] }],
      [1, 2, 2],
    ],
    [
      'NoValue, which leaves a property and an item out',
      { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] },
      { b: [1] },
    ],
    [
      'a name that only looks like one',
      { 'Fn::GetAtt': ['Queue', 'Arn'], more: 1 },
      { 'Fn::GetAtt': ['Queue', 'Arn'], more: 1 },
    ],
  ])('gives what CloudFormation gives: %s', (_title, value, expected) => {
    expect(stackOf(template, { Given: 'by the app' }).resolve(value)).toEqual(expected);
  });

  it.each<[string, Json, RegExp]>([
    [
      'an attribute of a custom resource',
      { 'Fn::GetAtt': ['Thing', 'Url'] },
      /The attribute Url of Thing \(Custom::Thing\) is known only after a deployment\./,
    ],
    [
      'a parameter without a default',
      { Ref: 'Given' },
      /The parameter Given of the stack Shop has no default\./,
    ],
    [
      'a parameter from SSM',
      { Ref: 'Secret' },
      /The parameter Secret of the stack Shop has no value before a deployment\./,
    ],
    ['a name that is not there', { Ref: 'Nobody' }, /There is no 'Nobody' in the stack Shop\./],
    [
      'a function that it does not know',
      { 'Fn::Transform': {} },
      /Fn::Transform is resolved by CloudFormation only\./,
    ],
    [
      'a prototype of objects',
      { 'Fn::constructor': {} },
      /Fn::constructor is resolved by CloudFormation only\./,
    ],
    ['an index beyond the list', { 'Fn::Select': [9, ['a']] }, /selects nothing/],
  ])('fails for what only a deployment knows: %s', (_title, value, message) => {
    expect(() => stackOf(template).resolve(value)).toThrow(message);
  });
});
