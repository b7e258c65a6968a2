import { child, children, type SyntaxNode } from './syntax.ts';

/** A property of an object pattern that has a default. */
interface DefaultedProperty {
  readonly node: SyntaxNode;
  readonly name: string;
  /** Where another property can be put behind it. */
  readonly end: number;
}

/** The properties with a default in a pattern and the object patterns inside it. */
export function* defaultedProperties(pattern: SyntaxNode): Generator<DefaultedProperty> {
  if (pattern.type === 'AssignmentPattern' || pattern.type === 'TSParameterProperty') {
    const left = child(pattern, 'left');
    if (left) yield* defaultedProperties(left);
  }
  if (pattern.type === 'ArrayPattern') {
    for (const element of children(pattern, 'elements')) yield* defaultedProperties(element);
  }
  if (pattern.type !== 'ObjectPattern') return;
  for (const property of children(pattern, 'properties')) {
    const value = child(property, 'value');
    if (property.type !== 'Property' || !value) continue;
    yield* defaultedProperties(value);
    if (value.type !== 'AssignmentPattern') continue;
    const key = child(property, 'key');
    const name = property.computed !== true && key?.type === 'Identifier' ? key.name : '[ ]';
    yield { node: property, name: name as string, end: property.end };
  }
}
