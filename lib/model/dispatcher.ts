/** What Node's own fetch sends its requests through, in the words of `undici`, which it is made of. */
type Dispatcher = object & { readonly constructor: new (options: object) => Dispatcher };

const globalDispatcher = Symbol.for('undici.globalDispatcher.1');

let made: Dispatcher | undefined;

/**
 * A dispatcher for fetch without the usual one's limits: that ends a request after 300 seconds without
 * a byte (undici docs: "headersTimeout", "bodyTimeout"), and a model may think longer. The call's own
 * limit covers all of it. It is made by the class of Node's own dispatcher, so that it costs a bundle
 * nothing; undefined where another kind stands there, such as a proxy's, which then keeps its limits.
 */
export function patientDispatcher(): object | undefined {
  const usual = (globalThis as Record<symbol, unknown>)[globalDispatcher] as Dispatcher | undefined;
  if (usual?.constructor.name !== 'Agent') return undefined;
  made ??= new usual.constructor({ headersTimeout: 0, bodyTimeout: 0 });
  return made;
}
