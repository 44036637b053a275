/** A float as Go writes it with `%v`: the shortest digits, with an exponent from 1e-05 down and from 1e+06 up. */
export function formatFloat(value: number): string {
  const [digits, exponent] = value.toExponential().split("e");
  const power = Number(exponent);
  if (value === 0 || (power >= -4 && power < 6)) return String(value);
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
