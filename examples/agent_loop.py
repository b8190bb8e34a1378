#!/usr/bin/env python3
"""An agent in Python, watched: each step is a task beside the picture, by the control API and the standard library alone.

    python3 examples/agent_loop.py [TEXT]     TEXT: the tab is one whose address holds it; without: the first

What drives the page is yours (Playwright for Python, browser-use, Selenium): here the steps are functions that wait.
"""

import sys
import time
from contextlib import contextmanager

sys.dont_write_bytecode = True  # no __pycache__ beside the examples
from control_api import ApiError, Host  # noqa: E402


class Watched:
    """A tab that is streamed while an agent works in it."""

    def __init__(self, host, text=""):
        tabs = [tab for tab in host.ask("GET", "/api/tabs")["tabs"] if tab["not_capturable"] is None]
        tab = next((tab for tab in tabs if text in tab["url"]), None)
        if tab is None:
            sys.exit(f"No tab that can be captured has {text} in its address.")
        self.host = host
        self.stream = host.ask("POST", "/api/streams", {"tab": {"tab_id": tab["tab_id"]}, "options": {}})
        self.path = f"/api/streams/{self.stream['stream_id']}"
        self.open = []

    @contextmanager
    def task(self, name):
        """Shows what is done inside as a task, part of the one around it; it has failed if that raises."""
        body = {"name": name, "parent_id": self.open[-1] if self.open else None}
        task_id = self.host.ask("POST", f"{self.path}/tasks", body)["task_id"]
        self.open.append(task_id)
        end = {"state": "done"}
        try:
            yield lambda detail: self.host.ask("PATCH", f"{self.path}/tasks/{task_id}", {"detail": detail})
        except Exception as error:
            end = {"state": "failed", "detail": str(error)}
            raise
        finally:
            self.open.pop()
            self.host.ask("PATCH", f"{self.path}/tasks/{task_id}", end)

    def stop(self):
        """Ends the stream and gives its last status."""
        return self.host.ask("DELETE", self.path)["info"]


def run(watched, goal, steps):
    """The loop: one task for the goal, one for each step inside it."""
    with watched.task(goal):
        for name, step in steps:
            with watched.task(name) as note:
                step(note)


def look(note):
    note("reading the page")
    time.sleep(0.3)


def refuse(_note):
    raise ValueError("there is no such button")


if __name__ == "__main__":
    try:
        watched = Watched(Host.find(), sys.argv[1] if len(sys.argv) > 1 else "")
        print(f"Watch: {watched.stream['player_url']}")
        try:
            run(watched, "Look around", [("Read the page", look)])
            run(watched, "Press what isn't there", [("Look for it", look), ("Press it", refuse)])
        except ValueError as error:
            print(f"Failed: {error}")
        finally:
            for task in watched.stop()["tasks"]:
                print(f"{task['state']}: {task['name']}")
    except ApiError as error:
        sys.exit(str(error))
