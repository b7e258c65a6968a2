/**
 * The parts of JSONata's syntax tree that this room looks at. The package's own types are those of
 * version 1.7; these are read off 2.0.6.
 */
export interface SyntaxNode {
  readonly type: string;
  readonly value?: unknown;
  readonly position?: number;
  readonly steps?: readonly SyntaxNode[];
  readonly stages?: readonly SyntaxStage[];
  readonly predicate?: readonly SyntaxStage[];
  readonly expressions?: readonly SyntaxNode[];
  readonly expression?: SyntaxNode;
  readonly lhs?: SyntaxNode | readonly (readonly [SyntaxNode, SyntaxNode])[];
  readonly rhs?: SyntaxNode;
  /** `list{key: value}`. */
  readonly group?: unknown;
  readonly condition?: SyntaxNode;
  readonly then?: SyntaxNode;
  readonly else?: SyntaxNode;
  readonly procedure?: SyntaxNode;
  readonly arguments?: readonly SyntaxNode[];
}

/** A filter or an index after a step. */
export interface SyntaxStage {
  readonly type: string;
  readonly expr?: SyntaxNode;
}
