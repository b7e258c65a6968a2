/** A value of a template that only a deployment knows. The message is a full sentence that names it. */
export class Unresolved extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Unresolved';
  }
}

/** What `work` gives, or why it cannot be known. */
export function attempt<T>(work: () => T): { readonly value: T } | { readonly reason: string } {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof Unresolved) return { reason: error.message };
    throw error;
  }
}
