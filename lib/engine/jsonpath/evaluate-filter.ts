import type { Json } from '../../json.ts';
import { equalValues } from '../jsonata/operators.ts';
import type { Filter, FilterOperator, Operand } from './filter.ts';
import type { PathSyntax } from './token.ts';

/** The value of a path inside the filter: its `@` is the item that is looked at. */
export type ReadValue = (path: PathSyntax) => Json | undefined;

/** Whether the item that `read` reads from passes. A comparison with what is not there is false. */
export function passesFilter(filter: Filter, read: ReadValue): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every((part) => passesFilter(part, read));
    case 'or':
      return filter.filters.some((part) => passesFilter(part, read));
    case 'not':
      return !passesFilter(filter.filter, read);
    case 'exists':
      return isPresent(read(filter.path));
    case 'comparison':
      return compare(filter.operator, filter.left, filter.right, read);
  }
}

/** An indefinite path in a filter is there when it finds something. */
function isPresent(value: Json | undefined): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

function compare(
  operator: FilterOperator,
  leftOperand: Operand,
  rightOperand: Operand,
  read: ReadValue,
): boolean {
  if (operator === '=~') {
    return matches(leftOperand, rightOperand, read);
  }
  const left = operandValue(leftOperand, read);
  const right = operandValue(rightOperand, read);
  switch (operator) {
    case '==':
      return looselyEqual(left, right);
    case '!=':
      return !looselyEqual(left, right);
    case '===':
      return strictlyEqual(left, right);
    case '!==':
      return !strictlyEqual(left, right);
    case '<':
      return order(left, right) < 0;
    case '<=':
      return order(left, right) <= 0;
    case '>':
      return order(left, right) > 0;
    case '>=':
      return order(left, right) >= 0;
    default:
      return compareLists(operator, left, right);
  }
}

function compareLists(
  operator: FilterOperator,
  left: Json | undefined,
  right: Json | undefined,
): boolean {
  const within = (list: Json | undefined, item: Json) =>
    Array.isArray(list) && list.some((other) => looselyEqual(other, item));
  const items: readonly Json[] = Array.isArray(left) ? left : [];
  switch (operator) {
    case 'in':
      return left !== undefined && within(right, left);
    case 'nin':
      return left !== undefined && !within(right, left);
    case 'contains':
      return typeof left === 'string' && typeof right === 'string'
        ? left.includes(right)
        : right !== undefined && within(left, right);
    case 'subsetof':
      return Array.isArray(left) && items.every((item) => within(right, item));
    case 'anyof':
      return items.some((item) => within(right, item));
    case 'noneof':
      return Array.isArray(left) && !items.some((item) => within(right, item));
    case 'all':
      return Array.isArray(right) && right.every((item: Json) => within(left, item));
    case 'size':
      return (Array.isArray(left) || typeof left === 'string') && left.length === right;
    case 'empty':
      return (Array.isArray(left) || typeof left === 'string') && (left.length === 0) === right;
    default:
      return false;
  }
}

function operandValue(operand: Operand, read: ReadValue): Json | undefined {
  switch (operand.kind) {
    case 'literal':
      return operand.value;
    case 'path':
      return read(operand.path);
    case 'pattern':
      return undefined;
  }
}

function matches(left: Operand, right: Operand, read: ReadValue): boolean {
  const text = operandValue(left, read);
  return right.kind === 'pattern' && typeof text === 'string' && right.pattern.exec(text) !== null;
}

/** A number equals the text of the same number. */
function looselyEqual(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) {
    return false;
  }
  if (typeof left === 'number' && typeof right === 'string') {
    return right.trim() !== '' && left === Number(right);
  }
  if (typeof left === 'string' && typeof right === 'number') {
    return left === String(right);
  }
  return equalValues(left, right);
}

function strictlyEqual(left: Json | undefined, right: Json | undefined): boolean {
  return left !== undefined && right !== undefined && equalValues(left, right);
}

/** NaN where the two cannot be ordered, so that every comparison is false. */
function order(left: Json | undefined, right: Json | undefined): number {
  const comparable =
    (typeof left === 'number' && typeof right === 'number') ||
    (typeof left === 'string' && typeof right === 'string');
  if (!comparable) {
    return Number.NaN;
  }
  return left! < right! ? -1 : left! > right! ? 1 : 0;
}
