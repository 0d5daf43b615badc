export interface FoundImport {
  readonly specifier: string;
  readonly kind: "static" | "type" | "dynamic";
}

export interface WorkspacePackage {
  readonly name: string;
  readonly short: string;
  readonly kind: "app" | "package";
  readonly folder: string;
  /** As in package.json: `.` or `./part` → file. */
  readonly exports: Readonly<Record<string, string>>;
  /** Names starting with `#` that the package declares for its own files. */
  readonly imports: readonly string[];
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

export interface Workspace {
  readonly packages: readonly WorkspacePackage[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly rootDependencies: readonly string[];
}

export function importsOf(text: string): FoundImport[];
export function importProblems(workspace: Workspace): string[];
