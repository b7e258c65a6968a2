import { isWatched } from '../../run-name.ts';
import type { Environment } from '../connection.ts';
import type { ModelRequest } from '../request.ts';
import type { Piece, PieceSink } from './piece.ts';
import { Teller } from './teller.ts';
import { tokenTable } from './token-table.ts';

/** What the host of a function on this machine gives it; Lambda gives none. */
interface Host {
  tell?(piece: Piece): void;
}

/**
 * Who tells the text of a call while it comes; null where nobody watches its run, which its name says.
 */
export function tellerOf(
  { caller }: ModelRequest,
  host: Host,
  environment: Environment,
): Teller | null {
  if (caller === undefined || !isWatched(caller[0])) return null;
  const sink = sinkOf(host, environment);
  return sink && new Teller(sink, caller);
}

function sinkOf(host: Host, environment: Environment): PieceSink | null {
  if (host.tell) return { pause: 40, tell: (piece) => host.tell?.(piece) };
  const table = environment.CLOUDGATHER_TOKEN_TABLE;
  return table ? tokenTable(table, environment) : null;
}
