export interface Address {
  readonly host: string;
  readonly port: number;
}

const HOST_AND_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** `0.0.0.0:8443`, `localhost:0`, `[::1]:8443`; null for anything else. The host comes without brackets. */
export function parseAddress(text: string): Address | null {
  const match = HOST_AND_PORT.exec(text);
  if (!match || !URL.canParse(`http://${text}`)) return null;
  return { host: match[1] ?? match[2], port: Number(match[3]) };
}
