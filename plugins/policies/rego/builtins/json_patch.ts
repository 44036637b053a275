import { BuiltinError, typeName } from "../builtin.ts";
import { isEqual, RegoObject, RegoSet, type Value } from "../value.ts";

type Path = readonly Value[];
/** What a container becomes when the child of this key is changed. */
type Change = (container: Value, key: Value) => Value;

/**
 * Applies one operation of a JSON Patch (RFC 6902) as OPA does: to sets too, whose members are their own keys, and with
 * paths that are texts or lists of keys. Source: v1/topdown/json.go and internal/edittree of OPA. Throws BuiltinError.
 */
export function applyOperation(target: Value, operation: Value): Value {
  if (!(operation instanceof RegoObject)) {
    throw new BuiltinError(
      "must be an array of JSON-Patch objects, but at least one element is not an object",
    );
  }
  const path = parsePath(attribute(operation, "path"));
  const op = attribute(operation, "op");
  switch (op) {
    case "add":
      return insert(target, path, attribute(operation, "value"));
    case "remove":
      return remove(target, path);
    case "replace":
      return replace(target, path, attribute(operation, "value"));
    case "move": {
      const from = parsePath(attribute(operation, "from"));
      return insert(remove(target, from), path, valueAt(target, from));
    }
    case "copy":
      return insert(target, path, valueAt(target, parsePath(attribute(operation, "from"))));
    case "test":
      if (isEqual(valueAt(target, path), attribute(operation, "value"))) return target;
      throw new BuiltinError("value from EditTree != patch value");
    default:
      throw new BuiltinError(`unrecognized op: '${String(op)}'`);
  }
}

function attribute(operation: RegoObject, name: string): Value {
  const value = operation.get(name);
  if (value === undefined) throw new BuiltinError(`missing required attribute '${name}'`);
  return value;
}

function parsePath(path: Value): Path {
  if (Array.isArray(path)) return path;
  if (path === "") return [];
  if (typeof path !== "string") {
    throw new BuiltinError(
      `must be one of {set, array} containing string paths or array of path segments but got ${typeName(path)}`,
    );
  }
  return path.replace(/^\/+/, "").split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function insert(target: Value, path: Path, value: Value): Value {
  return path.length === 0 ? value : change(target, path, (container, key) => insertChild(container, key, value));
}

/** The root can only be removed to be replaced. */
function remove(target: Value, path: Path): Value {
  if (path.length === 0) throw new BuiltinError("cannot remove the root of the document");
  return change(target, path, removeChild);
}

function replace(target: Value, path: Path, value: Value): Value {
  return path.length === 0 ? value : insert(remove(target, path), path, value);
}

function valueAt(target: Value, path: Path): Value {
  return path.reduce(child, target);
}

function change(container: Value, path: Path, apply: Change): Value {
  const [key, ...rest] = path;
  if (rest.length === 0) return apply(container, key);
  const changed = change(child(container, key), rest, apply);
  if (container instanceof RegoObject) return new RegoObject([...container.entries(), [key, changed]]);
  if (container instanceof RegoSet) return new RegoSet([...(removeChild(container, key) as RegoSet).items(), changed]);
  return (container as readonly Value[]).with(indexIn(container as readonly Value[], key), changed);
}

function child(container: Value, key: Value): Value {
  if (Array.isArray(container)) {
    const index = indexIn(container, key);
    if (index >= 0 && index < container.length) return container[index];
  } else if (container instanceof RegoObject) {
    const value = container.get(key);
    if (value !== undefined) return value;
  } else if (container instanceof RegoSet) {
    if (container.has(key)) return key;
  } else throw notComposite(container);
  throw new BuiltinError(`path does not exist in the ${typeName(container)}`);
}

function insertChild(container: Value, key: Value, value: Value): Value {
  if (container instanceof RegoObject) return new RegoObject([...container.entries(), [key, value]]);
  if (container instanceof RegoSet) {
    if (!isEqual(key, value)) throw new BuiltinError("set key does not equal value to be inserted");
    return new RegoSet([...container.items(), value]);
  }
  if (!Array.isArray(container)) throw notComposite(container);
  const index = indexIn(container, key);
  if (index < 0 || index > container.length) throw new BuiltinError("index for array insertion out of bounds");
  return container.toSpliced(index, 0, value);
}

function removeChild(container: Value, key: Value): Value {
  child(container, key);
  if (container instanceof RegoObject) {
    return new RegoObject([...container.entries()].filter(([other]) => !isEqual(other, key)));
  }
  if (container instanceof RegoSet) return new RegoSet([...container.items()].filter((item) => !isEqual(item, key)));
  const list = container as readonly Value[];
  return list.toSpliced(indexIn(list, key), 1);
}

function indexIn(list: readonly Value[], key: Value): number {
  if (key === "-") return list.length;
  if (typeof key === "number" && Number.isInteger(key)) return key;
  // What OPA's Atoi64 takes for an integer: zeros after a point, and no digit at all beside a sign.
  if (typeof key === "string" && /^(?!0.)[+-]?\d*(?:\.0*)?$/.test(key) && key !== "") return Number.parseInt(key) || 0;
  throw new BuiltinError("invalid index of an array");
}

function notComposite(value: Value): BuiltinError {
  return new BuiltinError(`expected composite type, found ${typeName(value)}`);
}
