import { nothing, type Path, type Value } from './graph.ts';

/**
 * The part of a value at a path, found as far as the value is known. What is not there is null: a
 * choice between `{ a }` and `{ b }` has no `b` in its first case.
 */
export function partOf(value: Value, path: Path): Value {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  switch (value.kind) {
    case 'object':
      return partOf(value.entries.find(([name]) => name === String(key))?.[1] ?? nothing, rest);
    case 'array':
      return partOf(value.items[Number(key)] ?? nothing, rest);
    case 'literal':
    case 'concat':
      return nothing;
    default:
      return { ...value, path: [...value.path, ...path] };
  }
}

/** The value with every reference to the node's result replaced by what the result is. */
export function substitute(value: Value, node: number, result: Value): Value {
  const inside = (child: Value): Value => substitute(child, node, result);
  switch (value.kind) {
    case 'result':
      return value.node === node ? partOf(result, value.path) : value;
    case 'object':
      return { ...value, entries: value.entries.map(([key, child]) => [key, inside(child)]) };
    case 'array':
      return { ...value, items: value.items.map(inside) };
    case 'concat':
      return { ...value, parts: value.parts.map(inside) };
    case 'operation':
      return { ...value, operands: value.operands.map(inside) };
    case 'jsonata':
      return { ...value, values: value.values.map(inside) };
    default:
      return value;
  }
}
