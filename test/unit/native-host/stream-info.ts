// The status of a stream as a test needs it: whole, as the contract has it.
import type { RecordingInfo, StreamInfo } from "../../../protocol/results.ts";

const STARTED_AT = "2030-01-01T12:00:00.000Z";

/** The status of a live stream, with what the test wants otherwise. */
export function streamInfo(change: Partial<StreamInfo> = {}): StreamInfo {
  const { stream_id = "s" } = change;
  const base = `http://127.0.0.1:8080/s/${stream_id}/token`;
  return {
    stream_id,
    session_id: "session",
    protocol: "hls",
    quality: "high",
    codec: "h264",
    status: change.state ?? "active",
    hls_url: `${base}/index.m3u8`,
    dash_url: `${base}/manifest.mpd`,
    rtmp_url: null,
    player_url: `${base}/player`,
    stream_url: `${base}/index.m3u8`,
    local_server_port: 8080,
    width: 1280,
    height: 720,
    frame_rate: 30,
    whep_url: null,
    live_url: null,
    encoder: "passthrough",
    share: "this-computer",
    share_note: "",
    links: [],
    state: "active",
    private: false,
    muted: false,
    health: "healthy",
    health_reasons: [],
    started_at: STARTED_AT,
    uptime_seconds: 3,
    viewer_count: 0,
    playback: null,
    metrics: {
      ...{ frames_sent: 90, bytes_sent: 12_345, dropped_frames: null, current_bitrate: null, average_bitrate: null },
      ...{ current_fps: null, buffer_health: 75, last_update: null },
    },
    recovery_metrics: { ffmpeg_restarts: 1, capture_restarts: 2, rtmp_reconnects: 3, last_recovery_time: null },
    destinations: [],
    tasks: [],
    recording: null,
    ...change,
  };
}

/** A finished recording, with what the test wants otherwise. */
export function recordingInfo(change: Partial<RecordingInfo> = {}): RecordingInfo {
  return {
    ...{ recording_id: "r", stream_id: "s", status: "finished", file_path: "/v/a.mp4", format: "mp4", title: "" },
    ...{
      url: "",
      started_at: STARTED_AT,
      duration_seconds: 1,
      size_bytes: 1,
      chapters: [],
      progress: null,
      error: null,
    },
    ...change,
  };
}
