/** How clients of other machines come in: where to listen, and who is to join. */
import type { TlsFiles } from "../../server/listener/web-socket-listener.ts";
import type { ListenAddress } from "./dial-address.ts";

/** Of `murmur serve` alone. */
export interface ServeFlags {
  readonly listen: string;
  readonly publicHost?: string | undefined;
  readonly tlsCert?: string | undefined;
  readonly tlsKey?: string | undefined;
  readonly allow?: string | undefined;
  readonly joiners?: number | undefined;
  /** Minutes. */
  readonly wait: number;
  readonly insecurePlaintext?: boolean;
  readonly simulation: boolean;
}

/** Who is to join: one line of the allow list, or one token, each. */
export interface Seats {
  /** Public keys by name, base64url; without a list there are tokens. */
  readonly allowed: readonly { readonly name: string; readonly key: string }[] | undefined;
  readonly joiners: number;
  /** Virtual clients that each of them brings. */
  readonly clientsEach: number;
}

export interface Served {
  readonly options: ServeFlags;
  readonly listen: ListenAddress;
  readonly tls: TlsFiles | undefined;
  readonly seats: Seats;
}
