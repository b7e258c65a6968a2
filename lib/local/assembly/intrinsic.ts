import type { Json, JsonObject } from '../../json.ts';
import { Unresolved } from './unresolved.ts';

/** What intrinsic functions ask of the template around them. Each throws `Unresolved`. */
export interface IntrinsicScope {
  /** A pseudo parameter, a parameter or a resource; undefined is AWS::NoValue. */
  ref(name: string): Json | undefined;
  attribute(resource: string, name: string): Json;
  importValue(name: string): Json;
  mapping(name: string, first: string, second: string): Json;
  condition(name: string): boolean;
  readonly region: string;
}

type Intrinsic = (argument: Json, scope: IntrinsicScope) => Json | undefined;

/**
 * A value with its intrinsic functions replaced by what they give. `undefined` stands for
 * AWS::NoValue: the property is left out.
 * @throws Unresolved for what only a deployment knows, and for a function that is not read here
 */
export function resolve(value: Json, scope: IntrinsicScope): Json | undefined {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((item: Json) => resolve(item, scope)).filter((item) => item !== undefined);
  }
  const entries = Object.entries(value as JsonObject);
  const [only] = entries;
  if (entries.length === 1 && only && (only[0] === 'Ref' || only[0].startsWith('Fn::'))) {
    const intrinsic = Object.hasOwn(intrinsics, only[0]) ? intrinsics[only[0]] : undefined;
    if (!intrinsic) throw new Unresolved(`${only[0]} is resolved by CloudFormation only.`);
    return intrinsic(only[1], scope);
  }
  const resolved = entries.map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(resolved.filter(([, item]) => item !== undefined)) as JsonObject;
}

/** A value that has to be text: numbers and booleans are written as CloudFormation writes them. */
export function resolveText(value: Json, scope: IntrinsicScope): string {
  const resolved = resolve(value, scope);
  if (typeof resolved === 'string') return resolved;
  if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
  throw new Unresolved(`${describe(value)} is not text.`);
}

function resolveList(value: Json, scope: IntrinsicScope): readonly Json[] {
  const resolved = resolve(value, scope);
  if (Array.isArray(resolved)) return resolved;
  // A parameter of type CommaDelimitedList stands as its text.
  if (typeof resolved === 'string') return resolved.split(',');
  throw new Unresolved(`${describe(value)} is not a list.`);
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, scope) => scope.ref(String(name)),
  'Fn::GetAtt': getAtt,
  'Fn::Join': (argument, scope) => {
    const [separator, items] = pair(argument);
    return resolveList(items, scope)
      .map((item) => resolveText(item, scope))
      .join(String(separator));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope) => {
    const [index, items] = pair(argument);
    const item = resolveList(items, scope)[Number(resolveText(index, scope))];
    if (item === undefined) throw new Unresolved(`${describe(argument)} selects nothing.`);
    return item;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = pair(argument);
    return resolveText(text, scope).split(String(separator));
  },
  'Fn::ImportValue': (name, scope) => scope.importValue(resolveText(name, scope)),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = (argument as readonly Json[]).map((key) =>
      resolveText(key, scope),
    );
    return scope.mapping(map ?? '', first ?? '', second ?? '');
  },
  'Fn::Base64': (text, scope) => Buffer.from(resolveText(text, scope)).toString('base64'),
  'Fn::GetAZs': (_, scope) => ['a', 'b', 'c'].map((zone) => `${scope.region}${zone}`),
  'Fn::Length': (items, scope) => resolveList(items, scope).length,
  'Fn::ToJsonString': (value, scope) => JSON.stringify(resolve(value, scope)),
  'Fn::If': (argument, scope) => {
    const [condition, yes, no] = argument as readonly Json[];
    return resolve((scope.condition(String(condition)) ? yes : no) ?? null, scope);
  },
};

function getAtt(argument: Json, scope: IntrinsicScope): Json {
  const [resource, ...names] =
    typeof argument === 'string' ? argument.split('.') : (argument as readonly Json[]);
  const attribute = names.map((name) => resolveText(name, scope)).join('.');
  return scope.attribute(String(resource), attribute);
}

/** '${Name}', '${Name.Attribute}', and '${!Literal}', which stays '${Literal}'. */
function substitute(argument: Json, scope: IntrinsicScope): string {
  const [template, values] = Array.isArray(argument)
    ? (argument as unknown as readonly [string, JsonObject])
    : [String(argument), {} as JsonObject];
  return template.replaceAll(
    /\$\{([^!}][^}]*|!([^}]*))\}/g,
    (_, name: string, literal?: string) => {
      if (literal !== undefined) return `\${${literal}}`;
      const own = values[name];
      if (own !== undefined) return resolveText(own, scope);
      return resolveText(name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name }, scope);
    },
  );
}

/** Whether a condition of the template holds. @throws Unresolved */
export function holds(condition: Json, scope: IntrinsicScope): boolean {
  const [name, argument] = Object.entries((condition ?? {}) as JsonObject)[0] ?? ['', null];
  const parts = Array.isArray(argument) ? (argument as readonly Json[]) : [];
  switch (name) {
    case 'Condition':
      return scope.condition(String(argument));
    case 'Fn::Equals':
      return resolveText(parts[0] ?? null, scope) === resolveText(parts[1] ?? null, scope);
    case 'Fn::And':
      return parts.every((part) => holds(part, scope));
    case 'Fn::Or':
      return parts.some((part) => holds(part, scope));
    case 'Fn::Not':
      return !holds(parts[0] ?? null, scope);
    default:
      throw new Unresolved(
        `The condition ${describe(condition)} is resolved by CloudFormation only.`,
      );
  }
}

function pair(argument: Json): readonly [Json, Json] {
  if (Array.isArray(argument) && argument.length === 2) {
    return argument as unknown as readonly [Json, Json];
  }
  throw new Unresolved(`${describe(argument)} is not a pair of arguments.`);
}

/** A value in a sentence: its beginning, so that a prompt in it is not told whole. */
function describe(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
