// Who can watch, over the real host: each way opened, tried and closed; what can't be had is an error, and nothing else is opened.
import { execFileSync } from "node:child_process";
import { request } from "node:http";
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { isProcessAlive } from "../../protocol/node/control-files.ts";
import type { Share } from "../../protocol/options.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { say } from "../../protocol/sentence.ts";
import { startPutServer } from "../fixtures/put-server.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";
import { type InstalledPrograms, installTunnels } from "../fixtures/tunnel/install.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const ADDRESS = "127.0.0.2";
const MEDIA = { width: 320, height: 180 };
const publishers: Publisher[] = [];
let host: HostProcess;
let port: number;
let tunnels: InstalledPrograms | null = null;

afterEach(async () => {
  for (const publisher of publishers.splice(0)) await publisher.abandon();
  await host.close();
  tunnels?.remove();
  tunnels = null;
});

async function begin(env: Record<string, string>): Promise<void> {
  host = new HostProcess({ env });
  ({ port } = await host.hello());
}

async function publish(share?: Share): Promise<{ publisher: Publisher; started: StartStreamResult }> {
  const publisher = await Publisher.open(host, { media: MEDIA, options: share === undefined ? {} : { share } });
  publishers.push(publisher);
  return { publisher, started: await publisher.playable() };
}

const setSharing = ({ stream_id }: Publisher, share: Share) => host.peer.call("setSharing", { stream_id, share });

/** The status of a link, asked at an address of this machine by a name; 0: nobody listens there. */
function statusOf(link: string, at = new URL(link).hostname, name = new URL(link).host): Promise<number> {
  const { pathname } = new URL(link);
  return new Promise((resolve) => {
    request({ agent: false, host: at, port, path: pathname, headers: { host: name } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on("error", () => resolve(0))
      .end();
  });
}

/** Command lines of the tunnel programs of this test that run. */
function running(): string[] {
  const all = execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" }).split("\n");
  return all.filter((line) => line.includes("tunnel/program.mjs") && line.includes(`:${port}`));
}

describe("the network", () => {
  test("is opened when it is asked for, and for that stream alone, and changed while live", async () => {
    await begin({ FLYBROWSER_VIEW_ADDRESS: ADDRESS });
    const here = await publish("this-computer");
    expect(here.started).toMatchObject({ share: "this-computer", share_note: expect.anything() });
    expect(here.started.player_url).toContain(`http://127.0.0.1:${port}/s/`);
    expect(say(here.started.share_note)).toBe("This link opens on this computer only");
    expect(await statusOf(here.started.player_url, ADDRESS, ADDRESS)).toBe(0);

    const { publisher, started } = await publish(); // as the environment says
    expect(started).toMatchObject({ share: "network" });
    expect(started.player_url).toContain(`http://${ADDRESS}:${port}/s/`);
    expect(say(started.share_note)).toMatch(/^This link opens on the network of 127\.0\.0\.2\./);
    expect(await statusOf(started.player_url)).toBe(200);
    expect(await statusOf(here.started.player_url, ADDRESS, ADDRESS)).toBe(404); // the other one stays at home
    expect(await statusOf(`http://${ADDRESS}/api/streams`)).toBe(404);
    expect(await statusOf(`http://${ADDRESS}/healthz`)).toBe(404);

    const narrowed = await setSharing(publisher, "this-computer");
    expect(narrowed.player_url).toBe(started.player_url.replace(ADDRESS, "127.0.0.1"));
    expect(await statusOf(narrowed.player_url ?? "")).toBe(200);
    await until("the network's door to close", async () => (await statusOf(started.player_url)) === 0);

    expect((await setSharing(publisher, "network")).player_url).toBe(started.player_url);
    expect(host.heard("sharing_changed").map(({ share }) => share)).toEqual(["this-computer", "network"]);
    expect(await statusOf(here.started.player_url)).toBe(200);
  });

  test("without such an address it is an error that names the variable; this computer can still watch", async () => {
    await begin({ FLYBROWSER_VIEW_ADDRESS: "203.0.113.77" });
    await expect(publish()).rejects.toMatchObject({
      code: "setting_invalid",
      message: "FLYBROWSER_VIEW_ADDRESS can't be used: 203.0.113.77 is no IP address of this computer.",
    });
    expect((await publish("this-computer")).started.share).toBe("this-computer");
  });

  test("a port that is taken there is an error that names it", async () => {
    await begin({ FLYBROWSER_VIEW_ADDRESS: ADDRESS });
    const other = createServer().listen(port, ADDRESS);
    try {
      const { publisher } = await publish("this-computer");
      await expect(setSharing(publisher, "network")).rejects.toMatchObject({
        code: "share_unavailable",
        message: expect.stringMatching(`nothing can listen on ${ADDRESS}, port ${port} \\(.*EADDRINUSE`),
      });
    } finally {
      other.close();
    }
  });
});

describe("anybody, by a program that speaks as ngrok does", () => {
  test("it is started, its link tried and shown; it ends when nobody needs it", async () => {
    tunnels = installTunnels(["ngrok"]);
    await begin(tunnels.env);
    const { publisher, started } = await publish("internet");
    expect(started.player_url).toMatch(/^https:\/\/127\.0\.0\.3:\d+\/s\/[\w-]+\/[\w-]+\/player$/);
    expect(say(started.share_note)).toBe("Anybody with the link can watch: ngrok carries the stream over the internet");
    expect(running()).toHaveLength(1);
    const other = await publish("this-computer"); // it isn't there for that one
    const { host: name } = new URL(started.player_url);
    expect(await statusOf(other.started.player_url, "127.0.0.1", name)).toBe(404);
    await setSharing(publisher, "this-computer");
    await until("the program to end", () => running().length === 0);
  });

  test("it ends with the host, also when that is killed", async () => {
    tunnels = installTunnels(["ngrok"]);
    await begin(tunnels.env);
    await publish("internet");
    const pids = running().map((line) => Number.parseInt(line, 10));
    expect(pids).toHaveLength(1);
    host.kill("SIGKILL");
    await until("the program to end", () => !pids.some(isProcessAlive), 5_000);
  });

  test("one that dies is said, and started again", async () => {
    tunnels = installTunnels(["ngrok"]);
    await begin(tunnels.env);
    const { publisher, started } = await publish("internet");
    for (const line of running()) process.kill(Number.parseInt(line, 10), "SIGKILL");
    const { stream_id } = publisher;
    const info = async () => {
      const status = await host.peer.call("getStreamStatus", { stream_id });
      if (!status.active) throw new Error("it has ended");
      return status.status;
    };
    await until("it to be said", async () => {
      const { share, health_reasons } = await info();
      return (
        share === "this-computer" &&
        health_reasons
          .map((each) => say(each))
          .join()
          .includes("ngrok has ended")
      );
    });
    await until("it to be back", async () => (await info()).share === "internet", 15_000);
    expect((await info()).player_url).not.toBe(started.player_url);
  });

  test("one that refuses is an error with its words, one that isn't installed says what to install", async () => {
    tunnels = installTunnels(["ngrok"], "refuses");
    await begin(tunnels.env);
    const { publisher } = await publish("this-computer");
    await expect(setSharing(publisher, "internet")).rejects.toMatchObject({
      code: "share_unavailable",
      message: expect.stringMatching(/ngrok: it ended \(1\): authentication failed: an authtoken is needed/),
    });
    tunnels.remove();
    await expect(setSharing(publisher, "internet")).rejects.toMatchObject({
      code: "share_unavailable",
      message: "The stream can't be shared with the internet: no tunnel program is installed.",
      fix: expect.stringMatching(/^Install cloudflared, tailscale or ngrok, or set FLYBROWSER_PUBLIC_URL/),
    });
    await expect(publish("internet")).rejects.toMatchObject({ code: "share_unavailable" });
  });
});

test("anybody, at a destination that has a page: tried once the store has the stream, shown as the link, let go with it", async () => {
  const cleanup = new Cleanup();
  try {
    const store = await startPutServer(cleanup);
    const watch_url = `http://127.0.0.1:${store.port}/live/index.m3u8`;
    const url = `hls+http://127.0.0.1:${store.port}/live`;
    await begin({});
    const options = { share: "internet" as const, destinations: [{ url, watch_url, name: "store" }] };
    const publisher = await Publisher.open(host, { media: MEDIA, options });
    publishers.push(publisher);
    const started = await publisher.playable();
    expect(started).toMatchObject({ share: "internet", player_url: watch_url });
    expect(say(started.share_note)).toBe("Anybody can watch this at store; all other links open on this computer only");
    expect(store.files.get("/live/index.m3u8")?.body.toString()).toContain("video.m3u8");
    const [link] = await linksOf(publisher.stream_id);
    expect(link?.player_url).toContain(`http://127.0.0.1:${port}/s/`);
    const { stream_id } = publisher;
    const [{ destination_id = "" } = {}] = started.destinations;
    await host.peer.call("removeDestination", { stream_id, destination_id });
    const status = await host.peer.call("getStreamStatus", { stream_id });
    if (!status.active) throw new Error("it has ended");
    expect(status.status).toMatchObject({ share: "this-computer", player_url: link?.player_url });
    expect(status.status.health_reasons.map((each) => say(each)).join()).toContain(
      "it is not shared with the internet now: store: the stream isn't sent there any more",
    );
  } finally {
    await cleanup.run();
  }
});

describe("the user's own server", () => {
  test("one that isn't valid is an error that names the variable", async () => {
    await begin({ FLYBROWSER_PUBLIC_URL: "live.example" });
    await expect(publish()).rejects.toMatchObject({
      code: "setting_invalid",
      message: "FLYBROWSER_PUBLIC_URL can't be used: it is not of the form https://name or https://name/path.",
    });
  });
});

test("FLYBROWSER_PORT that is taken is an error of every start, and the host says so at once", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port: taken } = other.address() as { port: number };
  try {
    host = new HostProcess({ env: { FLYBROWSER_PORT: String(taken) } });
    const { problem } = await host.hello();
    expect(problem).toMatchObject({ code: "port_taken" });
    await expect(publish()).rejects.toMatchObject({
      code: "port_taken",
      message: `Port ${taken}, which FLYBROWSER_PORT asks for, can't be used (EADDRINUSE).`,
    });
  } finally {
    other.close();
  }
});

describe("links", () => {
  test("each opens the stream until it is revoked or expires, and the next host has them too", async () => {
    await begin({});
    const { publisher, started } = await publish();
    const { stream_id } = publisher;
    const make = (options: object) => host.peer.call("createLink", { stream_id, options });
    const ada = await make({ name: "Ada" });
    const short = await make({ expires_in: 4 });
    expect([await statusOf(ada.player_url), await statusOf(short.player_url)]).toEqual([200, 200]);
    await until("one to expire", async () => (await statusOf(short.player_url)) === 404);
    const [{ link_id = "" } = {}] = await linksOf(stream_id);
    await host.peer.call("revokeLink", { stream_id, link_id });
    expect(await statusOf(started.player_url)).toBe(404);
    expect(await linksOf(stream_id)).toMatchObject([{ link_id: ada.link_id, name: "Ada", viewers: 0 }]);
    await expect(host.peer.call("revokeLink", { stream_id, link_id })).rejects.toMatchObject({
      code: "link_not_found",
    });
    const { length } = await linksOf(stream_id);
    for (let made = length; made < 50; made++) await make({});
    await expect(make({})).rejects.toMatchObject({ code: "too_many_links" });

    const links = host.heard("links_changed").at(-1)?.links ?? [];
    await publisher.abandon();
    await host.close();
    host = new HostProcess();
    ({ port } = await host.hello(port));
    const resume = { ...publisher.identity, links, generation: 1 };
    publishers.push(await Publisher.open(host, { media: MEDIA, resume, first_run: 1 }));
    expect(await statusOf(ada.player_url)).toBe(200);
    expect(await statusOf(started.player_url)).toBe(404);
    expect(await linksOf(stream_id)).toHaveLength(50);
  });
});

async function linksOf(stream_id: string) {
  const status = await host.peer.call("getStreamStatus", { stream_id });
  return status.active ? status.status.links : [];
}
