import { BuiltinError } from "../builtin.ts";
import { firstOf, type IpNetwork, lastOf, parseAddress, parseNetwork } from "./ip_network.ts";

/** The order of Go's 16 bytes, where IPv4 addresses are the IPv4-mapped ones of IPv6. */
const MAPPED = 0xffffn << 32n;

interface Range {
  readonly first: bigint;
  readonly last: bigint;
  /** Of a range that no other one was merged into: it keeps its host bits. */
  readonly network?: IpNetwork;
}

/** The fewest networks that hold exactly the addresses of these. Throws BuiltinError. */
export function mergeNetworks(texts: readonly string[]): IpNetwork[] {
  const ranges = texts.map(parse).map(toRange).sort((a, b) => compare(a.last, b.last) || compare(a.first, b.first));
  for (let i = ranges.length - 1; i > 0; i--) {
    const [before, range] = [ranges[i - 1], ranges[i]];
    if (previous(range.first) > before.last) continue;
    const first = before.first < range.first ? before.first : range.first;
    ranges.splice(i - 1, 2, { first, last: range.last });
  }
  return ranges.flatMap((range) => range.network ?? split(range));
}

/** An IPv4 address without a prefix has that of its class (A, B, C), as in Go. */
function parse(text: string): IpNetwork {
  const address = parseAddress(text);
  if (address === undefined) return parseNetwork(text);
  if (address.bits === 128) throw new BuiltinError("IPv6 invalid: needs prefix length");
  const first = address.address >> 24n;
  return { ...address, prefix: first < 0x80n ? 8 : first < 0xc0n ? 16 : 24 };
}

function toRange(network: IpNetwork): Range {
  const base = network.bits === 32 ? MAPPED : 0n;
  return { first: base + firstOf(network), last: base + lastOf(network), network };
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The lowest address of each family has none before it. */
function previous(address: bigint): bigint {
  return address === 0n || address === MAPPED ? address : address - 1n;
}

function split({ first, last }: Range): IpNetwork[] {
  const isIpv4 = first >= MAPPED && last < MAPPED + (1n << 32n);
  const networks: IpNetwork[] = [];
  for (let at = first; at <= last;) {
    let size = 0n;
    while (size < (isIpv4 ? 32n : 128n) && at >> (size + 1n) << (size + 1n) === at && at + (2n << size) - 1n <= last) {
      size++;
    }
    const prefix = (isIpv4 ? 32 : 128) - Number(size);
    networks.push(isIpv4 ? { address: at - MAPPED, prefix, bits: 32 } : { address: at, prefix, bits: 128 });
    at += 1n << size;
  }
  return networks;
}
