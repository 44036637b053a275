import type { AdmissionRequest, Fields, Pod, Subject } from "../contract.ts";
import { deepFreeze } from "./freeze.ts";
import { fields, isAbsent, isFields, Malformed } from "./malformed.ts";
import { podOf } from "./pods.ts";
import { bytesOf, reviewBytes } from "./wire.ts";

/** What rules judge for a request: its object, or another in its place (a patched copy). Freezes it. */
export function subjectOf(request: AdmissionRequest, replacement?: Fields): Subject {
  return new LazySubject(request, replacement);
}

/** Never throws when it is made: what is wrong with the object is for the rules that read it. */
class LazySubject implements Subject {
  readonly oldObject: Fields | null;
  #object: Fields | Malformed;
  #pod: Pod | null | undefined;
  #bytes: Uint8Array | undefined;

  constructor(readonly request: AdmissionRequest, readonly replacement?: Fields) {
    const { operation, object, oldObject } = request;
    this.#object = frozen(replacement ?? (operation === "DELETE" ? object ?? oldObject : object));
    const before = frozen(oldObject);
    this.oldObject = isAbsent(oldObject) || before instanceof Malformed ? null : before;
  }

  get object(): Fields {
    if (this.#object instanceof Malformed) throw this.#object;
    return this.#object;
  }

  get pod(): Pod | null {
    if (this.#pod === undefined) this.#pod = podOf(this.request.kind, this.object);
    return this.#pod;
  }

  bytes(): Uint8Array {
    const { request, replacement } = this;
    this.#bytes ??= replacement
      ? reviewBytes({ ...request, object: replacement })
      : bytesOf(request) ?? reviewBytes(request);
    return this.#bytes;
  }

  get reference(): string {
    return referenceOf(this.request, this.#object instanceof Malformed ? this.request.object : this.#object);
  }
}

function frozen(value: unknown): Fields | Malformed {
  try {
    deepFreeze(value);
    return fields(value, "");
  } catch (error) {
    if (error instanceof Malformed) return error;
    throw error;
  }
}

/** The subject's pod; null also where its shape is not a pod's. */
export function readPod(subject: Subject): Pod | null {
  try {
    return subject.pod;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

/** `<kind>/<namespace>/<name>`; a nameless object is `<generateName>*`. */
export function referenceOf(request: AdmissionRequest, object: unknown): string {
  const metadata = isFields(object) && isFields(object.metadata) ? object.metadata : {};
  const name = request.name || text(metadata.name) || `${text(metadata.generateName)}*`;
  return `${request.kind.kind}/${request.namespace || text(metadata.namespace)}/${name}`;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
