import { Command, Option } from "commander";
import { annotationsOf, answer } from "../core/answer.ts";
import { type Endpoint, resultOf } from "../core/decision.ts";
import type { Engine } from "../core/engine.ts";
import { isFields } from "../core/malformed.ts";
import { review } from "../core/review.ts";
import { referenceOf } from "../core/subject.ts";
import { oneLine } from "../core/text.ts";
import { type Difference, differencesOf } from "../difference.ts";
import { inputsOf } from "../inputs.ts";
import { Exit, type Io } from "../io.ts";
import { type Recording, recordingsIn } from "../recordings.ts";
import type { CommandFactory } from "./command.ts";
import { type ConfigOptions, loadFor, WATCH, withConfigOptions } from "./config_options.ts";

interface ReplayOptions extends ConfigOptions {
  readonly recursive: boolean;
  readonly output: "text" | "json";
  readonly endpoint: Endpoint | "auto";
}

export const replayCommand: CommandFactory = (io, exit) =>
  withConfigOptions(new Command("replay"), WATCH)
    .description(
      "Review recorded AdmissionReviews again. Prints each decision or, where the record holds its old response, only " +
        "what differs.",
    )
    .argument("<file...>", "JSON, JSON Lines, folders of them, or - for standard input")
    .option("-R, --recursive", "read folders with the folders in them", false)
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text"))
    .addOption(
      new Option("--endpoint <name>", "webhook to replay; auto: the one that the old response came from")
        .choices(["auto", "validating", "mutating"]).default("auto"),
    )
    .action(async (paths: string[], options: ReplayOptions) => exit(await replay(paths, options, io)));

/** What became of one record. */
interface Replayed {
  readonly place: string;
  readonly uid: string;
  readonly object: string;
  readonly operation: string;
  readonly endpoint: Endpoint;
  readonly result: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Null where the record holds no old response. */
  readonly differences: readonly Difference[] | null;
}

async function replay(paths: readonly string[], options: ReplayOptions, io: Io): Promise<number> {
  const { engine } = await loadFor(options, io, { fallback: WATCH });
  const summary = { reviews: 0, compared: 0, different: 0, errors: 0 };
  const print = PRINTERS[options.output](io);
  const extensions = [".json", ".jsonl", ".ndjson"];
  for (const input of await inputsOf(paths, { recursive: options.recursive, extensions, stdin: io.stdin })) {
    for await (const recording of recordingsIn(input)) {
      if (!recording.success) {
        summary.errors++;
        print.error(recording);
        continue;
      }
      const replayed = replayOne(recording, options, engine);
      summary.reviews++;
      if (replayed.differences) summary.compared++;
      if (replayed.differences?.length) summary.different++;
      if (replayed.differences?.length !== 0) print.review(replayed);
    }
  }
  print.end(summary);
  if (summary.errors > 0) return Exit.failed;
  if (summary.reviews === 0) {
    io.err(`kp: Nothing was replayed: no AdmissionReview in ${paths.join(", ")} (folders in folders need -R)\n`);
    return Exit.nothing;
  }
  return summary.different > 0 ? Exit.found : Exit.clean;
}

function replayOne(recording: Recording & { success: true }, options: ReplayOptions, engine: Engine): Replayed {
  const endpoints = options.endpoint === "auto" ? endpointsOf(recording.response) : [options.endpoint];
  const candidates = endpoints.map((endpoint) => replayAt(endpoint, recording, engine));
  return candidates.find(({ differences }) => differences?.length === 0) ?? candidates[0];
}

function replayAt(endpoint: Endpoint, recording: Recording & { success: true }, engine: Engine): Replayed {
  const { request, response, version, place } = recording;
  const decision = review(request, endpoint, engine);
  return {
    place,
    uid: request.uid,
    object: referenceOf(request, request.object ?? request.oldObject),
    operation: request.subResource ? `${request.operation} ${request.subResource}` : request.operation,
    endpoint,
    result: resultOf(decision),
    annotations: annotationsOf(decision),
    differences: isFields(response) ? differencesOf(response, answer(decision, version).response) : null,
  };
}

const MUTATING = ["patches", "dryrun"];
const VALIDATING = ["all_rules", "default-allow"];

/** What an old response can have come from: each kind has annotations of its own, but need not hold any of them. */
function endpointsOf(response: unknown): readonly Endpoint[] {
  if (!isFields(response)) return ["validating"];
  const annotations = isFields(response.auditAnnotations) ? response.auditAnnotations : {};
  if (response.patch || MUTATING.some((key) => annotations[key])) return ["mutating"];
  return VALIDATING.some((key) => annotations[key]) ? ["validating"] : ["validating", "mutating"];
}

type Summary = Readonly<Record<"reviews" | "compared" | "different" | "errors", number>>;

interface Printer {
  review(replayed: Replayed): void;
  error(recording: Recording & { success: false }): void;
  end(summary: Summary): void;
}

const PRINTERS: Record<ReplayOptions["output"], (io: Io) => Printer> = { text: textPrinter, json: jsonPrinter };

function textPrinter({ out, err }: Io): Printer {
  return {
    review: (replayed) => out(textOf(replayed)),
    error: ({ place, message }) => err(`${place}: ${oneLine(message)}\n`),
    end: ({ reviews, compared, different, errors }) =>
      out(
        `${reviews} reviews: ${compared} compared with what was recorded, ${different} different, ${errors} unreadable\n`,
      ),
  };
}

function textOf({ place, object, operation, endpoint, result, annotations, differences }: Replayed): string {
  const head = `${place}: ${oneLine(object)} ${operation} (${endpoint}): ${result}\n`;
  const { policy_revision: _, ...shown } = annotations;
  const lines = differences
    ? differences.map(({ field, recorded, now }) =>
      `  ${field}: ${JSON.stringify(recorded)} -> ${JSON.stringify(now)}\n`
    )
    : Object.entries(shown).map(([key, value]) => `  ${key}: ${value}\n`);
  return head + lines.join("");
}

/** One JSON document, written as it grows: memory stays flat. */
function jsonPrinter({ out }: Io): Printer {
  let separator = "";
  const errors: { place: string; message: string }[] = [];
  out('{"results":[');
  return {
    review(replayed) {
      out(`${separator}\n${JSON.stringify(replayed)}`);
      separator = ",";
    },
    error: ({ place, message }) => void errors.push({ place, message }),
    end: (summary) => out(`\n],"errors":${JSON.stringify(errors)},"summary":${JSON.stringify(summary)}}\n`),
  };
}
