#!/usr/bin/env python3
"""Streams, records and annotates a tab of a browser that has the extension, with the standard library alone.

    python3 examples/control_api.py [TEXT]     TEXT: the tab is one whose address holds it; without: the first

The host is found by its control file (`flybrowser doctor` prints its place). FLYBROWSER_CONTROL_FILE names another
one, SECONDS_LIVE how long it streams.
"""

import http.client
import json
import os
import sys
import threading
import time
from pathlib import Path


def state_directory():
    """Where the host keeps its control file, as in docs/control-api.md."""
    if os.environ.get("FLYBROWSER_STATE_DIR"):
        return Path(os.environ["FLYBROWSER_STATE_DIR"])
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/flybrowser-stream"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "flybrowser-stream"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "flybrowser-stream"


class ApiError(Exception):
    """An error of the host: what happened, and what to do."""

    def __init__(self, problem):
        super().__init__(f"{problem['title']} {problem['fix']}")
        self.code = problem["code"]


class Host:
    """One running host."""

    def __init__(self, port, token):
        self.port = port
        self.headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    def find(cls):
        """The youngest host that answers."""
        named = os.environ.get("FLYBROWSER_CONTROL_FILE")
        files = [Path(named)] if named else (state_directory() / "hosts").glob("*.json")
        for file in sorted(files, key=lambda file: file.stat().st_mtime, reverse=True):
            control = json.loads(file.read_text())
            host = cls(control["port"], control["token"])
            try:
                host.ask("GET", "/api/streams")
                return host
            except OSError:
                continue  # its file is left from a host that was killed
        sys.exit("No FlyBrowser Stream host is running. Open a browser that has the extension.")

    def ask(self, method, path, body=None, timeout=60):
        """The answer to one request; an error is raised as ApiError."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {**self.headers, **({} if body is None else {"Content-Type": "application/json"})}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = json.load(answer)
            if answer.status >= 400:
                raise ApiError(content)
            return content
        finally:
            connection.close()

    def events(self, last_id=None):
        """The events as (name, data), for ever: after a break it goes on where it was."""
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
            try:
                headers = {**self.headers, **({"Last-Event-ID": last_id} if last_id else {})}
                connection.request("GET", "/api/events", headers=headers)
                answer = connection.getresponse()
                if answer.status != 200:
                    return  # another host, or none
                name = data = None
                for raw in answer:
                    key, _, value = raw.decode().rstrip("\n").partition(": ")
                    if key == "id":
                        last_id = value
                    elif key == "event":
                        name = value
                    elif key == "data":
                        data = json.loads(value)
                    elif raw == b"\n" and name:
                        yield name, data
                        name = data = None
            except ConnectionRefusedError:
                return  # the host is gone
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(1)


def main():
    host = Host.find()
    seen = []
    stopped = threading.Event()

    def listen():
        for name, data in host.events():
            seen.append(name)
            if name == "stream" and data["state"] in ("stopped", "error"):
                stopped.set()

    threading.Thread(target=listen, daemon=True).start()

    tabs = [tab for tab in host.ask("GET", "/api/tabs")["tabs"] if tab["not_capturable"] is None]
    print("Tabs that can be captured:")
    for tab in tabs:
        print(f"  {tab['tab_id']}  {tab['url']}")
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    chosen = next((tab for tab in tabs if wanted in tab["url"]), None)
    if chosen is None:
        sys.exit(f"No tab that can be captured has {wanted} in its address.")

    started = host.ask("POST", "/api/streams", {"tab": {"tab_id": chosen["tab_id"]}, "options": {"quality": "medium"}})
    path = f"/api/streams/{started['stream_id']}"
    print(f"Watch: {started['player_url']}")
    try:
        recording = host.ask("POST", f"{path}/recording", {})
        print(f"Recording: {recording['file_path']}")
        task = host.ask("POST", f"{path}/tasks", {"name": "Look around", "detail": "from a Python script"})
        time.sleep(float(os.environ.get("SECONDS_LIVE", "3")))
        status = host.ask("GET", path)["status"]
        print(f"Status: {status['state']}, {status['health']}, {status['metrics']['frames_sent']} frames")
        host.ask("PATCH", f"{path}/tasks/{task['task_id']}", {"state": "done"})
        done = host.ask("DELETE", f"{path}/recording")
        while done["status"] == "finishing":  # a long one takes a moment
            time.sleep(1)
            done = host.ask("GET", f"/api/recordings/{recording['recording_id']}")
        print(f"Recorded: {done['duration_seconds']} s, {done['size_bytes']} bytes")
    finally:
        host.ask("DELETE", path)
    stopped.wait(10)
    print(f"Events: {' '.join(seen)}")
    print(f"Stopped: {started['stream_id']}")


if __name__ == "__main__":
    try:
        main()
    except ApiError as error:
        sys.exit(str(error))
