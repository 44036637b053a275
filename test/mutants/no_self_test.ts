/** Stands in for src/self_test.ts, by which a server does not start with a mutant: the tests are to notice it. */
export function shippedCases(): Promise<Record<string, never>> {
  return Promise.resolve({});
}

export function selfTest(): string[] {
  return [];
}
