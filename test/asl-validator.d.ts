declare module 'asl-validator' {
  /** The package ships no types for its default export's call form. */
  // biome-ignore lint/style/noDefaultExport: it is how the package exports it.
  export default function validate(
    definition: unknown,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean },
  ): {
    readonly isValid: boolean;
    readonly errors: unknown[];
    errorsText(separator?: string): string;
  };
}
