import { array, BuiltinError, type Builtins, text } from "../builtin.ts";
import { RegoObject, RegoSet, type Value } from "../value.ts";
import { mergeNetworks } from "./cidr_merge.ts";
import { contains, firstOf, formatAddress, formatNetwork, lastOf, parseAddress, parseNetwork } from "./ip_network.ts";

/** Addresses that `net.cidr_expand` lists at most. OPA lists until the query times out. */
export const MOST_ADDRESSES = 65536n;

/** Sources: v1/topdown/cidr.go of OPA, src/net/ip.go of Go. */
export const cidrBuiltins: Builtins = {
  "net.cidr_contains_matches": ([cidrs, candidates]) => containsMatches(cidrs, candidates),
  "net.cidr_expand": ([cidr]) => expand(text(cidr, 1)),
  "net.cidr_is_valid": ([cidr]) => typeof cidr === "string" && isNetwork(cidr),
  "net.cidr_merge": ([addresses]) => new RegoSet(mergeNetworks(elements(addresses)).map(formatNetwork)),
};

function containsMatches(cidrs: Value, candidates: Value): Value {
  const inner = [...indexed(candidates, 2)];
  const pairs: Value[] = [];
  for (const [outerTerm, outerIndex] of indexed(cidrs, 1)) {
    for (const [innerTerm, innerIndex] of inner) {
      if (isMatch(text(outerTerm, 1), text(innerTerm, 1))) pairs.push([outerIndex, innerIndex]);
    }
  }
  return new RegoSet(pairs);
}

function isMatch(cidr: string, candidate: string): boolean {
  return contains(parseNetwork(cidr), parseAddress(candidate) ?? parseNetwork(candidate));
}

/** Each address of an operand, and what the result calls it: itself, its index, its key. */
function* indexed(operand: Value, position: number): Iterable<readonly [Value, Value]> {
  if (typeof operand === "string") yield [operand, operand];
  else if (Array.isArray(operand)) {
    for (const [index, item] of operand.entries()) yield [matchTerm(item, position), index];
  } else if (operand instanceof RegoSet) {
    for (const item of operand.items()) yield [matchTerm(item, position), item];
  } else if (operand instanceof RegoObject) {
    for (const [key, item] of operand.entries()) yield [matchTerm(item, position), key];
  }
}

function matchTerm(item: Value, position: number): Value {
  if (typeof item === "string") return item;
  if (Array.isArray(item) && item.length > 0) return item[0];
  throw new BuiltinError(`operand ${position}: element must be string or non-empty array`);
}

function expand(cidr: string): Value {
  const network = parseNetwork(cidr);
  const [first, last] = [firstOf(network), lastOf(network)];
  if (last - first >= MOST_ADDRESSES) {
    throw new BuiltinError(`${cidr} has more than ${MOST_ADDRESSES} addresses`);
  }
  const count = Number(last - first) + 1;
  return new RegoSet(Array.from({ length: count }, (_, i) => formatAddress(first + BigInt(i), network.bits)));
}

function isNetwork(cidr: string): boolean {
  try {
    parseNetwork(cidr);
    return true;
  } catch (error) {
    if (error instanceof BuiltinError) return false;
    throw error;
  }
}

function elements(addresses: Value): readonly string[] {
  const items = addresses instanceof RegoSet ? [...addresses.items()] : array(addresses, 1);
  return items.map((item) => {
    if (typeof item === "string") return item;
    throw new BuiltinError("element must be string");
  });
}
