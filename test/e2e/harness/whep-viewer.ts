// A standard WHEP client: a page of another origin in a browser of its own, that knows nothing of our player.
// Never touches the stream beyond what any client may.
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { findBrowser } from "../../../sdk/find-browser.ts";

/** What the host said to an offer. */
export interface WhepOutcome {
  readonly status: number;
  /** Number of the client in its page; to be handed to the other functions. */
  readonly index: number;
  /** Address of the session, absolute. */
  readonly session: string | null;
  readonly etag: string | null;
  readonly retry_after: string | null;
  readonly link: string | null;
  readonly body: string;
}

/** What a client has got so far. */
export interface WhepStats {
  readonly connection: RTCPeerConnectionState;
  readonly frames: number;
  readonly width: number;
  readonly audio_bytes: number;
  readonly audio_energy: number;
  readonly codec: string;
}

interface WhepWindow {
  clients: RTCPeerConnection[];
}

/** How a client connects. */
export interface ConnectOptions {
  readonly trickle?: boolean;
  readonly relay?: RTCIceServer | null;
}

/** Clients in one page of one browser. */
export class WhepViewer {
  readonly page: Page;
  readonly #browser: Browser;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.page = page;
  }

  /** Starts the browser and opens a page of another origin than the host's. */
  static async open(origin: string): Promise<WhepViewer> {
    const browser = await puppeteer.launch({
      executablePath: findBrowser(undefined),
      pipe: true,
      args: ["--autoplay-policy=no-user-gesture-required", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])],
      // Muted, it would not decode the sound.
      ignoreDefaultArgs: ["--mute-audio"],
    });
    const page = (await browser.pages())[0] ?? (await browser.newPage());
    await page.goto(origin);
    await page.evaluate("window.clients = []");
    return new WhepViewer(browser, page);
  }

  /** Process of the browser. */
  get pid(): number {
    return this.#browser.process()?.pid ?? 0;
  }

  /**
   * Offers, and connects when the host answers. `trickle`: sends its candidates after the offer. `relay`: a TURN server,
   * by which alone it may connect.
   */
  connect(whep_url: string, { trickle = false, relay = null }: ConnectOptions = {}): Promise<WhepOutcome> {
    return this.page.evaluate(connectInPage, whep_url, trickle, relay);
  }

  stats(index: number): Promise<WhepStats> {
    return this.page.evaluate(statsInPage, index);
  }

  /** Says goodbye as a client should; gives the status of the answer. */
  async leave(index: number, session: string): Promise<number> {
    return this.page.evaluate(
      async (at, url) => {
        const { status } = await fetch(url, { method: "DELETE" });
        (window as unknown as WhepWindow).clients[at]?.close();
        return status;
      },
      index,
      session,
    );
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

async function connectInPage(url: string, trickle: boolean, relay: RTCIceServer | null): Promise<WhepOutcome> {
  const peer = new RTCPeerConnection(relay ? { iceServers: [relay], iceTransportPolicy: "relay" } : {});
  const index = (window as unknown as WhepWindow).clients.push(peer) - 1;
  // As the drafts' own client and most others do it. Without an element nothing is decoded: one for each client.
  peer.ontrack = ({ streams }) => {
    const element = (document.getElementById(`v${index}`) ?? document.createElement("video")) as HTMLVideoElement;
    element.id = `v${index}`;
    element.srcObject = streams[0] ?? null;
    document.body.append(element);
    element.play().catch(() => {}); // broken off by the second track
  };
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  const gathered = new Promise<void>((resolve) => {
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && resolve();
  });
  const { sdp = "" } = await peer.createOffer();
  // As our player does; Chrome's own offer asks for mono (RFC 7587, section 7).
  await peer.setLocalDescription({ type: "offer", sdp: sdp.replace("useinbandfec=1", "useinbandfec=1;stereo=1") });
  const early = peer.localDescription?.sdp ?? "";
  if (!trickle) await gathered;
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/sdp" },
    body: trickle ? early : (peer.localDescription?.sdp ?? ""),
  });
  const body = await response.text();
  const location = response.headers.get("Location");
  const session = location === null ? null : new URL(location, url).href;
  const etag = response.headers.get("ETag");
  if (response.status === 201) {
    await peer.setRemoteDescription({ type: "answer", sdp: body });
    if (trickle && session) {
      await gathered;
      const wanted = /^(a=ice-ufrag|a=ice-pwd|m=|a=mid|a=candidate)/;
      const lines = (peer.localDescription?.sdp ?? "").split("\r\n").filter((line) => wanted.test(line));
      const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": etag ?? "*" };
      const { status } = await fetch(session, { method: "PATCH", headers, body: `${lines.join("\r\n")}\r\n` });
      if (status !== 204) throw new Error(`PATCH was answered ${status}`);
    }
  } else peer.close();
  const { headers } = response;
  return {
    status: response.status,
    index,
    session,
    etag,
    retry_after: headers.get("Retry-After"),
    link: headers.get("Link"),
    body,
  };
}

async function statsInPage(index: number): Promise<WhepStats> {
  const peer = (window as unknown as WhepWindow).clients[index];
  if (!peer) throw new Error(`there is no client ${index}`);
  let [frames, width, audio_bytes, audio_energy, codec] = [0, 0, 0, 0, ""];
  const entries: Record<string, unknown>[] = [];
  (await peer.getStats()).forEach((entry) => {
    entries.push(entry);
  });
  for (const entry of entries) {
    if (entry.type !== "inbound-rtp") continue;
    if (entry.kind === "audio") {
      audio_bytes = Number(entry.bytesReceived ?? 0);
      audio_energy = Number(entry.totalAudioEnergy ?? 0);
      continue;
    }
    frames = Number(entry.framesDecoded ?? 0);
    width = Number(entry.frameWidth ?? 0);
    codec = String(entries.find(({ id }) => id === entry.codecId)?.mimeType ?? "");
  }
  return { connection: peer.connectionState, frames, width, audio_bytes, audio_energy, codec };
}
