import { createHash } from 'node:crypto';

/** The ARN of the execution that an item is, by the Map Run's, which names the machine and the label. */
export function itemArn(mapRunArn: string, index: number, kind = 'execution'): string {
  const machine = mapRunArn.slice(0, mapRunArn.lastIndexOf(':')).replace(':mapRun:', `:${kind}:`);
  return `${machine}:${uuidOf(`${mapRunArn}#${index}`)}`;
}

/** A UUID that follows from a text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
