import { defaultedProperties } from './defaults.ts';
import { type Around, type Probing, probeCall, probesName } from './probing.ts';
import { child, children, isNothing, type SyntaxNode } from './syntax.ts';

type Probes = (node: SyntaxNode, probing: Probing, around: Around) => void;

/** Which probes each kind of node gets. What is not here decides nothing, or asks the value, which answers. */
export const probesByNode: Readonly<Record<string, Probes>> = {
  IfStatement: (node, probing) => probing.wrapTruth(child(node, 'test'), 'if', 'if'),
  WhileStatement: (node, probing) => probing.wrapTruth(child(node, 'test'), 'loop', 'while'),
  DoWhileStatement: (node, probing) => probing.wrapTruth(child(node, 'test'), 'loop', 'while'),
  ForStatement: (node, probing) => probing.wrapTruth(child(node, 'test'), 'loop', 'for'),
  ConditionalExpression: (node, probing) => probing.wrapTruth(child(node, 'test'), '?:', '?:'),
  LogicalExpression: logical,
  UnaryExpression: unary,
  BinaryExpression: binary,
  AssignmentExpression: assignment,
  SwitchStatement: switches,
  MemberExpression: member,
  CallExpression: called,
  NewExpression: constructed,
  ForOfStatement(node, probing) {
    if (node.await === true) return;
    probing.wrap(child(node, 'right'), 'iterated', 'iteration', 'for of');
  },
  ForInStatement: (node, probing) =>
    probing.wrap(child(node, 'right'), 'spread', 'iteration', 'for in'),
  ArrayExpression: (node, probing) => listSpreads(children(node, 'elements'), probing),
  ObjectExpression: objectSpreads,
  VariableDeclarator: declarator,
  AwaitExpression: awaited,
};

/** The defaults of its parameters: `async ({ tone = 'warm' }) => ...`. */
export function placesOfFunction(node: SyntaxNode, probing: Probing): void {
  for (const parameter of children(node, 'params')) defaults(parameter, probing);
}

function logical(node: SyntaxNode, probing: Probing): void {
  const operator = node.operator as '&&' | '||' | '??';
  if (operator === '??') probing.wrap(child(node, 'left'), 'looked', operator, operator);
  else probing.wrapTruth(child(node, 'left'), operator, operator);
}

function unary(node: SyntaxNode, probing: Probing): void {
  const operator = node.operator as string;
  const argument = child(node, 'argument');
  if (!argument) return;
  if (operator === '!') probing.wrapTruth(argument, '!', '!');
  else if (operator === 'typeof') typeOf(argument, probing);
  else if (/^[-+~]$/.test(operator)) probing.wrap(argument, 'operand', 'arithmetic', operator);
}

/** `typeof x` is allowed where there is no `x`: the probe must not read it then. */
function typeOf(argument: SyntaxNode, probing: Probing): void {
  if (argument.type !== 'Identifier') {
    probing.wrap(argument, 'looked', 'typeof', 'typeof');
    return;
  }
  const site = probing.site(argument, 'typeof', 'typeof');
  if (site === null) return;
  const absent = `typeof ${argument.name as string} === 'undefined'`;
  probing.edits.wrap(argument, `(${absent} ? undefined : ${probeCall('looked', site)}`, '))');
}

function binary(node: SyntaxNode, probing: Probing): void {
  const operator = node.operator as string;
  const left = child(node, 'left');
  const right = child(node, 'right');
  if (!left || !right) return;
  if (/^[!=]==?$/.test(operator)) {
    const kind = isNothing(left) || isNothing(right) ? 'absence' : 'comparison';
    probing.wrapBoth(node, 'looked', kind, operator);
  } else if (operator === 'instanceof') {
    probing.wrap(left, 'looked', 'instanceof', operator);
  } else if (operator === 'in') {
    if (left.type !== 'PrivateIdentifier') probing.wrap(left, 'looked', 'key', operator);
    probing.wrap(right, 'spread', 'in', operator);
  } else {
    const kind = /^[<>]=?$/.test(operator) ? 'order' : 'arithmetic';
    probing.wrapBoth(node, 'operand', kind, operator);
  }
}

function assignment(node: SyntaxNode, probing: Probing): void {
  const operator = (node.operator as string).slice(0, -1);
  const left = child(node, 'left');
  if (operator === '' || !left) return;
  if (operator !== '&&' && operator !== '||' && operator !== '??') {
    probing.wrap(child(node, 'right'), 'operand', 'arithmetic', `${operator}=`);
    return;
  }
  const site = left.type === 'Identifier' ? probing.site(node, operator, `${operator}=`) : null;
  if (site === null) return;
  const look = `${probeCall('looked', site)}${left.name as string})`;
  probing.edits.wrap(node, `${probesName}.second(${look}, `);
}

function switches(node: SyntaxNode, probing: Probing): void {
  probing.wrap(child(node, 'discriminant'), 'looked', 'switch', 'switch');
  for (const one of children(node, 'cases')) {
    probing.wrap(child(one, 'test'), 'looked', 'switch', 'case');
  }
}

function member(node: SyntaxNode, probing: Probing): void {
  const object = child(node, 'object');
  const property = child(node, 'property');
  if (!object || !property || object.type === 'Super' || probing.isBare(node)) return;
  if (node.optional === true) probing.wrap(object, 'looked', '?.', '?.');
  if (node.computed === true) {
    probing.wrap(property, 'looked', 'key', '[ ]');
    return;
  }
  const name = property.type === 'Identifier' ? (property.name as string) : '';
  if (name === 'length') probing.wrap(object, 'looked', 'length', name);
  else if (textMethods.has(name)) probing.wrap(object, 'looked', 'text', name);
}

function called(node: SyntaxNode, probing: Probing): void {
  const callee = child(node, 'callee');
  const given = children(node, 'arguments');
  listSpreads(given, probing);
  if (!callee) return;
  if (node.optional === true && callee.type !== 'MemberExpression') {
    probing.wrap(callee, 'looked', '?.', '?.');
  }
  for (const argument of given) {
    if (argument.type !== 'Identifier' || argument.name !== 'Boolean') continue;
    probing.wrap(argument, 'tested', 'argument', 'Boolean');
  }
  const name = calleeName(callee);
  if (name === 'Boolean') probing.wrapTruth(given[0], 'argument', name);
  if (identityFunctions.has(name)) {
    for (const argument of given.slice(0, 2)) probing.wrap(argument, 'looked', 'argument', name);
  } else if (seeking.has(name.slice(name.indexOf('.') + 1)) && name.includes('.')) {
    probing.wrap(given[0], 'looked', 'argument', name.slice(name.indexOf('.') + 1));
  }
}

function constructed(node: SyntaxNode, probing: Probing): void {
  listSpreads(children(node, 'arguments'), probing);
  probing.leaveBare(child(node, 'callee'));
}

function listSpreads(elements: readonly SyntaxNode[], probing: Probing): void {
  for (const element of elements) {
    if (element.type !== 'SpreadElement') continue;
    probing.wrap(child(element, 'argument'), 'iterated', 'spread', '...');
  }
}

function objectSpreads(node: SyntaxNode, probing: Probing): void {
  for (const property of children(node, 'properties')) {
    if (property.type !== 'SpreadElement') continue;
    probing.wrap(child(property, 'argument'), 'spread', 'spread', '...');
  }
}

function declarator(node: SyntaxNode, probing: Probing): void {
  const pattern = child(node, 'id');
  if (pattern?.type === 'ArrayPattern') {
    const width = `, ${(pattern.elements as unknown[]).length}`;
    probing.wrap(child(node, 'init'), 'destructured', 'iteration', 'destructuring', width);
  }
  if (pattern) defaults(pattern, probing);
}

/**
 * A default in `{ tone = 'warm' }` is never taken from a symbolic value. A pattern has no place for a
 * probe but a computed key: the first new property finds out what is taken apart, and the second, whose
 * key reads it, asks the probe.
 */
function defaults(pattern: SyntaxNode, probing: Probing): void {
  for (const { node, name, end } of defaultedProperties(pattern)) {
    const site = probing.site(node, 'default', name);
    if (site === null) continue;
    const whole = `${probesName}${site}`;
    const look = `${probeCall('defaulted', site)}${whole})`;
    probing.edits.insert(end, `, [${probesName}.whole]: ${whole}, [${look}]: ${whole}x`);
  }
}

function awaited(node: SyntaxNode, probing: Probing, { tried, top }: Around): void {
  const argument = child(node, 'argument');
  if (tried) probing.wrap(argument, 'looked', 'try', 'try');
  if (!top || argument?.type !== 'CallExpression') return;
  const [name] = children(argument, 'arguments');
  const word = typeof name?.value === 'string' ? name.value : '';
  probing.wrap(argument, 'defined', 'definition', word);
}

/** 'Object.is', 'list.includes', '.includes', 'Boolean'; '' for what has no plain name. */
function calleeName(callee: SyntaxNode): string {
  if (callee.type === 'Identifier') return callee.name as string;
  const property = child(callee, 'property');
  if (callee.type !== 'MemberExpression' || callee.computed === true) return '';
  if (property?.type !== 'Identifier') return '';
  const object = child(callee, 'object');
  const owner = object?.type === 'Identifier' ? (object.name as string) : '';
  return `${owner}.${property.name as string}`;
}

const identityFunctions = new Set(['Object.is', 'Array.isArray']);

/** Methods that look for a value by `===`. */
const seeking = new Set(['includes', 'indexOf', 'lastIndexOf', 'has', 'get']);

const joins = ['constructor', 'length', 'concat', 'toString', 'valueOf', 'at'];

/** String's methods, but for those that only join. */
const textMethods = new Set(
  Object.getOwnPropertyNames(String.prototype).filter((name) => !joins.includes(name)),
);
