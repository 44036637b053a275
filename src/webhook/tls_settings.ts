import { type Config, pathFrom } from "../config/config.ts";
import { UsageError } from "../io.ts";
import type { CertificateFiles } from "./certificate.ts";

export interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsClientCa?: string;
  readonly tlsClientSubject?: readonly string[];
}

export interface TlsSettings {
  readonly files: CertificateFiles;
  /** Names of the clients that are served; none for every client with a certificate of the client CA. */
  readonly clientSubjects: readonly string[];
}

/** The config's, where a flag says nothing else. Throws UsageError. */
export function tlsSettings(flags: TlsFlags, config: Pick<Config, "file" | "serve">): TlsSettings {
  const { tls } = config.serve;
  const cert = flags.tlsCert ?? (tls && pathFrom(config, tls.cert));
  const key = flags.tlsKey ?? (tls && pathFrom(config, tls.key));
  if (!cert || !key) {
    throw new UsageError(
      "Cannot serve HTTPS without a certificate: accepted --tls-cert with --tls-key, serve.tls in the config, or --insecure-http",
    );
  }
  const clientCA = flags.tlsClientCa ?? (tls?.clientCA && pathFrom(config, tls.clientCA));
  const clientSubjects = flags.tlsClientSubject ?? tls?.clientSubjects ?? [];
  if (clientSubjects.length > 0 && !clientCA) {
    throw new UsageError(
      "Cannot tell clients apart without a client CA: accepted --tls-client-subject with --tls-client-ca, or serve.tls.clientCA in the config",
    );
  }
  return { files: { cert, key, ...(clientCA && { clientCA }) }, clientSubjects };
}
