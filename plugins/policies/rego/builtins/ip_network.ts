import ipaddr from "ipaddr.js";
import { BuiltinError } from "../builtin.ts";

/** An IP network, or an address (with all bits of the prefix). An IPv4-mapped IPv6 address is an IPv4 one, as in Go. */
export interface IpNetwork {
  /** The address as it was written, whose host bits may be set. */
  readonly address: bigint;
  readonly prefix: number;
  readonly bits: 32 | 128;
}

/** `net.ParseIP` of Go: no octal, no short forms, no zones. */
export function parseAddress(text: string): IpNetwork | undefined {
  const bytes = bytesOf(text);
  return bytes &&
    normalize({ address: toInteger(bytes), prefix: bytes.length * 8, bits: bytes.length === 4 ? 32 : 128 });
}

/** `net.ParseCIDR` of Go. Throws BuiltinError. */
export function parseNetwork(text: string): IpNetwork {
  const [, host = "", length = ""] = /^([^/]*)\/(\d+)$/.exec(text) ?? [];
  const bytes = bytesOf(host);
  const prefix = Number(length);
  if (bytes === undefined || prefix > bytes.length * 8) throw new BuiltinError(`invalid CIDR address: ${text}`);
  const network = { address: toInteger(bytes), prefix, bits: bytes.length === 4 ? 32 : 128 } as const;
  return normalize({ ...network, address: firstOf(network) });
}

export function firstOf({ address, prefix, bits }: IpNetwork): bigint {
  const host = BigInt(bits - prefix);
  return (address >> host) << host;
}

export function lastOf(network: IpNetwork): bigint {
  return firstOf(network) | ((1n << BigInt(network.bits - network.prefix)) - 1n);
}

/** Whether every address of the second is in the first. */
export function contains(outer: IpNetwork, inner: IpNetwork): boolean {
  if (outer.bits !== inner.bits || outer.prefix > inner.prefix) return false;
  return firstOf(outer) === firstOf({ ...inner, prefix: outer.prefix });
}

/** As Go writes it: IPv6 by RFC 5952. */
export function formatAddress(address: bigint, bits: 32 | 128): string {
  const digits = address.toString(16).padStart(bits / 4, "0");
  return ipaddr.fromByteArray([...Uint8Array.fromHex(digits)]).toString();
}

export function formatNetwork({ address, prefix, bits }: IpNetwork): string {
  return `${formatAddress(address, bits)}/${prefix}`;
}

function bytesOf(text: string): readonly number[] | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toByteArray();
  return isIpv6(text) ? ipaddr.IPv6.parse(text).toByteArray() : undefined;
}

/** ipaddr.js alone would also take zones, groups of more than four digits, octal bytes, and a `::` for no group. */
function isIpv6(text: string): boolean {
  if (/[^\da-f:.]|[\da-f]{5}/i.test(text) || !ipaddr.IPv6.isValid(text)) return false;
  const bytes = /[\d.]*\.[\d.]*$/.exec(text)?.[0];
  if (bytes !== undefined && !ipaddr.IPv4.isValidFourPartDecimal(bytes)) return false;
  const groups = text.split(":").filter((group) => group !== "").length + (bytes === undefined ? 0 : 1);
  return groups < 8 || !text.includes("::");
}

function toInteger(bytes: readonly number[]): bigint {
  return BigInt(`0x${Uint8Array.from(bytes).toHex()}`);
}

function normalize(network: IpNetwork): IpNetwork {
  const { address, prefix, bits } = network;
  if (bits === 32 || prefix < 96 || address >> 32n !== 0xffffn) return network;
  return { address: address & 0xffffffffn, prefix: prefix - 96, bits: 32 };
}
