import { type CloudgatherError, type SourcePosition, StepNeverAwaited } from '../errors.ts';
import { firstUserFrame } from '../workflow/source-line.ts';
import { type Workflow, workflowBody } from '../workflow/workflow.ts';
import type { Edits } from './edits.ts';
import { Findings } from './findings.ts';
import { type Site, Sites } from './site.ts';

/** One check: what was loaded, which workflows it defines, and what was found. */
export class Session {
  readonly sites = new Sites();
  readonly findings = new Findings();
  /** The insertions into each module, by its path from the project's root. */
  readonly modules = new Map<string, Edits>();
  readonly #definitions = new Map<Workflow, Site>();
  readonly #told = new Set<Site>();
  readonly #broken = new Map<string, Site>();
  readonly #placeholders = new WeakSet<object>();

  reach(index: number): Site {
    const site = this.sites.at(index);
    site.reached = true;
    return site;
  }

  /** A site is told of once: both operands of one comparison are one thing. */
  report(site: Site, message: string): void {
    if (this.#told.has(site)) return;
    this.#told.add(site);
    this.findings.add({ ...site.position, rule: site.kind, message });
  }

  define(workflow: Workflow, site: Site): void {
    this.#definitions.set(workflow, site);
  }

  /** Where a workflow is defined, as far as tracing saw it. */
  definition(workflow: Workflow): SourcePosition | undefined {
    return this.#definitions.get(workflow)?.position;
  }

  /** The file that defines a workflow of that name, be it one that cannot be traced. */
  fileOf(name: string): string | undefined {
    for (const [workflow, site] of this.#definitions) {
      if (workflow.name === name) return site.position.file;
    }
    return this.#broken.get(name)?.position.file;
  }

  /** What is thrown while the workflow at the site is traced or compiled. */
  fail(error: Error, { position }: { readonly position: SourcePosition }): void {
    for (const at of this.#positions(error, position)) {
      // A probe has told what is wrong in this line, and then it was done all the same.
      if (error.name === 'SymbolicValueMisused' && this.findings.hasLine(at)) continue;
      this.findings.add({ ...at, rule: error.name, message: error.message });
    }
  }

  /** Stands for a workflow that cannot be traced, where others call it. */
  broken(site: Site): object {
    const name = site.word || 'broken';
    this.#broken.set(name, site);
    const body = { nodes: [], output: { kind: 'literal', value: null } };
    const workflow = {
      [workflowBody]: async () => null,
      name,
      graph: { name, description: null, inputSchema: {}, body },
    };
    this.#placeholders.add(workflow);
    return workflow;
  }

  isBroken(workflow: object): boolean {
    return this.#placeholders.has(workflow);
  }

  #positions(error: Error, otherwise: SourcePosition): readonly SourcePosition[] {
    if (error instanceof StepNeverAwaited && error.positions.length > 0) {
      return error.positions.map((position) => this.#original(position));
    }
    const known = (error as CloudgatherError & { position?: SourcePosition | null }).position;
    const found = known ?? firstUserFrame(error.stack);
    return [found ? this.#original(found) : otherwise];
  }

  /** Probes move what stands behind them in the line. */
  #original({ file, line, column }: SourcePosition): SourcePosition {
    const edits = this.modules.get(file);
    return { file, line, column: edits ? edits.originalColumn(line, column) : column };
  }
}
