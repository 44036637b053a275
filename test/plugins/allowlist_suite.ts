import assert from "node:assert/strict";
import * as v from "valibot";
import type { AllowlistContext, AllowlistFactory } from "../../src/contract.ts";

/** A provider's way to serve the suite's documents. */
export interface AllowlistFixture {
  /** The name that the config uses. */
  readonly name: string;
  readonly factory: AllowlistFactory;
  /** Makes these texts, by name, what the provider reads, and gives the options to read them with. */
  serve(texts: Readonly<Record<string, string>>): Promise<Served>;
  /** Options of the right shape that name something which cannot be read. */
  readonly unreadable: unknown;
  /** Options of the wrong shape. */
  readonly refused: readonly unknown[];
}

export interface Served {
  readonly options: unknown;
  readonly context: AllowlistContext;
  /** The source that each name has in messages. */
  sourceOf(name: string): string;
  stop(): Promise<void>;
}

const TEXTS = {
  "b.yaml": "prod: { host_network: { edge: [proxy] } }\n",
  "a.yaml": "# nothing\n",
  "c.yaml": "prod: [ # not valid: the provider does not parse it\n\u00e9\n",
};

export const CONTEXT: AllowlistContext = { v, folder: "." };

/** Registers the tests that every allowlist provider passes, ours or a third party's. */
export function testAllowlistProvider(fixture: AllowlistFixture): void {
  const { name, factory } = fixture;
  Deno.test(`${name}: the provider has the name that the config uses`, async () => {
    const served = await fixture.serve({});
    assert.equal(factory(served.options, served.context).name, name);
    await served.stop();
  });
  Deno.test(`${name}: read() gives every document as it was written, sorted by source`, async () => {
    const served = await fixture.serve(TEXTS);
    const expected = Object.entries(TEXTS).map(([key, text]) => ({ source: served.sourceOf(key), text }));
    const documents = await factory(served.options, served.context).read();
    assert.deepEqual(documents, expected.toSorted((a, b) => a.source < b.source ? -1 : 1));
    await served.stop();
  });
  Deno.test(`${name}: read() gives nothing where there is nothing`, async () => {
    const served = await fixture.serve({});
    assert.deepEqual(await factory(served.options, served.context).read(), []);
    await served.stop();
  });
  Deno.test(`${name}: read() sees what changed since`, async () => {
    const before = await fixture.serve({ "a.yaml": "prod:\n" });
    const provider = factory(before.options, before.context);
    assert.equal((await provider.read())[0].text, "prod:\n");
    await before.stop();
    await assert.rejects(provider.read(), Error, "what is gone is not an empty list");
  });
  Deno.test(`${name}: read() fails when something cannot be read`, async () => {
    await assert.rejects(factory(fixture.unreadable, CONTEXT).read(), Error);
  });
  for (const options of fixture.refused) {
    Deno.test(`${name}: options are refused: ${JSON.stringify(options)}`, () => {
      assert.throws(() => factory(options, CONTEXT), v.ValiError);
    });
  }
}
