/** The attributes of a row: partition key, sort key, the piece as JSON, and when it goes by itself. */
export const rowNames = {
  run: 'run',
  position: 'position',
  piece: 'piece',
  expires: 'expires',
} as const;

/** The partition of a run's rows: runs of two workflows may have the same name. */
export function runKey(workflow: string, run: string): string {
  return `${workflow}/${run}`;
}
