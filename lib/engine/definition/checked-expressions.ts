import { ExpressionInvalid } from '../jsonata/invalid.ts';
import { parseExpression } from '../jsonata/package.ts';
import { topLevelReferences } from './jsonata-references.ts';

/** What `$states` offers in a field, besides input and context. */
export type Offered = 'result' | 'errorOutput' | undefined;

/** Parsing one takes 40 microseconds: so many take most of a second, and fill a whole definition. */
export const MOST_EXPRESSIONS = 12_000;

/** The references that are not supported, why the expression is not valid, or that it is one too many. */
export type Verdict = readonly string[] | ExpressionInvalid | 'too many';

/** Judges each different expression of a definition once. */
export class CheckedExpressions {
  private readonly verdicts = new Map<string, Verdict>();

  judge(source: string, offered: Offered): Verdict {
    const key = `${offered} ${source}`;
    const before = this.verdicts.get(key);
    if (before !== undefined) {
      return before;
    }
    if (this.verdicts.size >= MOST_EXPRESSIONS) {
      return 'too many';
    }
    const verdict = judge(source, offered);
    this.verdicts.set(key, verdict);
    return verdict;
  }
}

function judge(source: string, offered: Offered): Verdict {
  try {
    return topLevelReferences(parseExpression(source), offered);
  } catch (error) {
    if (error instanceof ExpressionInvalid) {
      return error;
    }
    throw error;
  }
}
