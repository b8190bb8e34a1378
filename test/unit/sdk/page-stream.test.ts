// The stream of a page whose start is stopped at each of its moments, by a host that this test plays.
import { expect, it, vi } from "vitest";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { PageStream } from "../../../sdk/page-stream.ts";

/** A host whose start lasts until the stream is stopped, or until `finish` is called. */
function host() {
  const tab = { target_id: "page", stream_id: null as string | null };
  let settle: { resolve: (result: never) => void; reject: (error: Error) => void } | null = null;
  return {
    tab,
    finish: () => settle?.resolve({ stream_id: "s1" } as never),
    listTabs: vi.fn(async () => [tab] as never[]),
    startStream: vi.fn(
      () =>
        new Promise<never>((resolve, reject) => {
          settle = { resolve, reject };
        }),
    ),
    stopStream: vi.fn(async () => {
      tab.stream_id = null;
      settle?.reject(new FlyBrowserError("no_active_stream"));
      return { success: true, stream_id: "s1", info: {} } as never;
    }),
  };
}
const page = async () => "page";

it("stops a start before it was asked for", async () => {
  const fake = host();
  const stream = new PageStream(async () => fake);
  const starting = stream.start(page, {});
  const stopping = stream.stop();
  await expect(starting).rejects.toMatchObject({ code: "start_stopped" });
  await expect(stopping).resolves.toMatchObject({ success: false });
  expect(fake.startStream).not.toHaveBeenCalled();
});

it("stops a start as soon as it has a stream", async () => {
  const fake = host();
  const stream = new PageStream(async () => fake);
  const starting = stream.start(page, {});
  starting.catch(() => {});
  await vi.waitFor(() => expect(fake.startStream).toHaveBeenCalled());
  const stopping = stream.stop();
  setTimeout(() => {
    fake.tab.stream_id = "s1";
  }, 80);
  await expect(stopping).resolves.toMatchObject({ success: true });
  await expect(starting).rejects.toMatchObject({ code: "start_stopped" });
  expect(fake.stopStream).toHaveBeenCalledExactlyOnceWith("s1");
  expect(stream.id).toBeNull();
});

it("stops the stream of a start that was done before the stop came there", async () => {
  const fake = host();
  const stream = new PageStream(async () => fake);
  const starting = stream.start(page, {});
  starting.catch(() => {});
  await vi.waitFor(() => expect(fake.startStream).toHaveBeenCalled());
  const stopping = stream.stop();
  fake.finish();
  await stopping;
  await expect(starting).rejects.toMatchObject({ code: "start_stopped" });
  expect(fake.stopStream).toHaveBeenCalledWith("s1");
});

it("stops the stream that runs, though another start was refused meanwhile", async () => {
  const fake = host();
  const stream = new PageStream(async () => fake);
  const starting = stream.start(page, {});
  await vi.waitFor(() => expect(fake.startStream).toHaveBeenCalled());
  fake.finish();
  await starting;
  fake.startStream.mockRejectedValueOnce(new FlyBrowserError("stream_already_active"));
  const again = stream.start(page, {});
  const refused = expect(again).rejects.toBeInstanceOf(FlyBrowserError); // as refused, or as stopped before that
  await expect(stream.stop()).resolves.toMatchObject({ success: true });
  await refused;
  expect(stream.id).toBeNull();
});

it("is started and stopped; nothing is left to stop then", async () => {
  const fake = host();
  const stream = new PageStream(async () => fake);
  const starting = stream.start(page, {});
  await vi.waitFor(() => expect(fake.startStream).toHaveBeenCalled());
  fake.finish();
  await expect(starting).resolves.toEqual({ stream_id: "s1" });
  expect(stream.id).toBe("s1");
  await expect(stream.stop()).resolves.toMatchObject({ success: true });
  await expect(stream.stop()).resolves.toMatchObject({ success: false });
});
