import type { Value } from "../value.ts";

export const ROOT = "(Root)";

/** Why a value does not fit: `type` and `description` are gojsonschema's (errors.go, locales.go). */
export interface SchemaProblem {
  readonly type: string;
  /** Names joined by dots; `(Root)` for the value itself. */
  readonly field: string;
  readonly description: string;
}

/** What one schema says of one value. */
export class SchemaResult {
  readonly problems: SchemaProblem[] = [];
  /** How well the value fits: of several alternatives the problems of the best are told. */
  score = 0;

  get isValid(): boolean {
    return this.problems.length === 0;
  }

  add(field: string, [type, description]: readonly [string, string]): void {
    this.problems.push({ type, field, description });
    this.score -= 2;
  }

  merge(other: SchemaResult | undefined): void {
    this.problems.push(...other?.problems ?? []);
    this.score += other?.score ?? 0;
  }
}

/** Where problems go, and the name of the value that has them. */
export interface Place {
  readonly result: SchemaResult;
  readonly field: string;
}

export function within(field: string, name: Value): string {
  return field === ROOT ? String(name) : `${field}.${String(name)}`;
}

export function best(results: readonly SchemaResult[]): SchemaResult | undefined {
  return results.filter(({ isValid }) => !isValid).toSorted((a, b) => b.score - a.score).at(0);
}
