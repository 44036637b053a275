/** One of several things that are measured in turn. */
export interface Candidate {
  readonly name: string;
  /** One sample, in the unit of the table. */
  sample(): number | Promise<number>;
}

export interface Series {
  readonly name: string;
  readonly samples: readonly number[];
}

/**
 * Samples every candidate once a round: A B A B. Neighbours in time share what else the machine does, so figures are
 * compared within a round only. The first rounds, in which code is compiled and caches fill, do not count.
 */
export async function interleave(
  candidates: readonly Candidate[],
  { rounds, warmup }: { rounds: number; warmup: number },
): Promise<Series[]> {
  const samples = candidates.map((): number[] => []);
  for (let round = -warmup; round < rounds; round++) {
    for (const [i, candidate] of candidates.entries()) {
      const sample = await candidate.sample();
      if (round >= 0) samples[i].push(sample);
    }
  }
  return candidates.map(({ name }, i) => ({ name, samples: samples[i] }));
}

/** Each series as a ratio to the first: the median over rounds, the middle half of them, and the absolute median. */
export function table(title: string, { unit, series }: { unit: string; series: readonly Series[] }): string {
  const [baseline] = series;
  const width = Math.max(...series.map(({ name }) => name.length));
  const lines = series.map(({ name, samples }) => {
    const ratios = samples.map((sample, round) => sample / baseline.samples[round]);
    const spread = `${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}`;
    const ratio = quantile(ratios, 0.5).toFixed(2).padStart(6);
    return `  ${name.padEnd(width)} ${ratio}  (${spread})  ${shown(quantile(samples, 0.5)).padStart(7)} ${unit}`;
  });
  return `${title}, ${baseline.samples.length} rounds\n${lines.join("\n")}\n`;
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * q)];
}

function shown(value: number): string {
  return value < 100 ? value.toFixed(1) : value.toFixed(0);
}
