import type { Command } from "commander";
import type { Io } from "../io.ts";

/** One verb of the command line. `exit` is called once, with the exit code. */
export type CommandFactory = (io: Io, exit: (code: number) => void) => Command;
