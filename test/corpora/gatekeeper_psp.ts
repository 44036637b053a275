import { parse } from "yaml";
import type { Fields, Operation } from "../../src/contract.ts";
import { untar } from "./tar.ts";

/** One case of gatekeeper-library's PSP suites. */
export interface PspCase {
  /** `<template>/<test>/<object's file>`. */
  readonly id: string;
  readonly template: string;
  /** Of the test's constraint. */
  readonly parameters: Fields;
  readonly operation: Operation;
  readonly object: Fields;
  /** Whether a violation is expected. */
  readonly violated: boolean;
}

interface Suite {
  readonly tests: readonly {
    readonly name: string;
    readonly constraint: string;
    readonly cases: readonly {
      readonly object: string;
      readonly assertions: readonly { readonly violations?: boolean | number | string }[];
    }[];
  }[];
}

/** The cases in the archive of suites. Their `yes` and `no` are booleans: YAML 1.1. */
export async function readPspCases(archive: string): Promise<PspCase[]> {
  const files = await untar(archive);
  const read = (path: string) => parse(files.get(path)!, { version: "1.1" });
  return [...files.keys()].filter((path) => path.endsWith("/suite.yaml")).flatMap((path) => {
    const template = path.slice(0, -"/suite.yaml".length);
    const { tests }: Suite = read(path);
    return tests.flatMap(({ name, constraint, cases }) => {
      const parameters = read(`${template}/${constraint}`).spec.parameters ?? {};
      return cases.map(({ object, assertions }): PspCase => ({
        id: `${template}/${name}/${object.slice(object.lastIndexOf("/") + 1, -".yaml".length)}`,
        template,
        parameters,
        ...requested(read(`${template}/${object}`)),
        violated: assertions.some(({ violations = true }) => violations !== false && violations !== 0),
      }));
    });
  });
}

/** Updates are written as AdmissionReviews without an `oldObject`. */
function requested(value: Fields): Pick<PspCase, "operation" | "object"> {
  if (value.kind !== "AdmissionReview") return { operation: "CREATE", object: value };
  const { operation, object } = value.request as PspCase;
  return { operation, object };
}
