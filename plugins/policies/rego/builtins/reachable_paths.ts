import { RegoObject, RegoSet, type Value } from "../value.ts";

/**
 * Nodes on all paths together, each counted once for every node that follows it. The paths can grow exponentially with
 * the graph, and OPA goes on until it is cancelled.
 */
const MOST_NODES = 1_000_000;

/** Every path from the initial nodes to where it ends, or would come to a node a second time. */
export function reachablePaths(graph: RegoObject, initial: readonly Value[]): RegoSet {
  const paths: Value[][] = [];
  let nodes = 0;
  const count = (path: readonly Value[]) => {
    nodes += path.length;
    if (nodes > MOST_NODES) throw new RangeError("The paths of graph.reachable_paths are too long");
  };
  const end = (path: Value[]) => {
    count(path);
    paths.push(path);
  };
  const follow = (node: Value, path: Value[], seen: RegoSet) => {
    count(path);
    const edges = graph.get(node);
    if (edges === undefined) return end(path);
    const here = [...path, node];
    const next = neighbors(edges);
    if (next.length === 0) return end(here);
    const reached = new RegoSet([...seen.items(), node]);
    for (const neighbor of next) {
      if (reached.has(neighbor)) end(here);
      else follow(neighbor, here, reached);
    }
  };
  for (const node of initial) {
    const edges = graph.get(node);
    if (edges === undefined) continue;
    const next = neighbors(edges);
    if (next.length === 0) end([node]);
    // An edge from an initial node to itself is followed once, in OPA too.
    for (const neighbor of next) follow(neighbor, [node], new RegoSet([node]));
  }
  return new RegoSet(paths);
}

/** What is no list of nodes has none. */
function neighbors(edges: Value): readonly Value[] {
  return edges instanceof RegoSet ? [...edges.items()] : Array.isArray(edges) ? edges : [];
}
