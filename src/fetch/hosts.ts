/** Whether a URL's host is this machine. Names are not looked up. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** https, or http that never leaves this machine. */
export function isSafeScheme(url: URL): boolean {
  return url.protocol === "https:" || url.protocol === "http:" && isLoopback(url);
}

/** Whether a URL leads to one of these: `cdn.example` or `cdn.example:8443`. */
export function isOneOf(hosts: readonly string[], url: URL): boolean {
  return hosts.some((host) => URL.parse(`https://${host}`)?.host === url.host);
}
