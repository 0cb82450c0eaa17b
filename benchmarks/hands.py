"""A Jupyter server with many kernels, and hands that move the sliders in them.

- `Server`: `d2laug lab` in a folder of its own
- `Kernel`: one of its kernels, behind the websocket, as a browser has it
"""

import asyncio
import contextlib
import itertools
import json
import os
import secrets
import socket
import subprocess
import sys

import psutil
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import (
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

PROTOCOL = "v1.kernel.websocket.jupyter.org"  # JupyterLab's
# Where the sliders that rest stay, and the way of the one that is dragged.
REST = {"brightness": 1.2, "contrast": 1.3, "saturation": 1.4, "hue": 0.1}
STEPS = 20
PATIENCE = 300  # seconds for a cell or a move


def with_children(pid):
    """Return the ids of a process and of all that it has started."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [one.pid for one in family if one.status() != psutil.STATUS_ZOMBIE]


def way(low, high, steps=STEPS):
    """Return the values of a slider that is dragged to and fro over its range, once."""
    there = [low + (high - low) * k / steps for k in range(steps + 1)]
    return there + there[-2:0:-1]


class Server:
    """`d2laug lab` in a folder of its own, and what can be asked of it."""

    def __init__(self, folder):
        self.folder, self.token = folder, secrets.token_hex(16)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{s.getsockname()[1]}"
        leave_out = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "OMP_NUM_THREADS")
        environment = {k: v for k, v in os.environ.items() if k not in leave_out}
        for name in ("CONFIG", "DATA", "RUNTIME"):
            environment[f"JUPYTER_{name}_DIR"] = str(folder / name.lower())
        environment["JUPYTER_TOKEN"] = self.token
        command = [sys.executable, "-m", "d2laug", "lab", "lessons"]
        command.append(f"--port={self.address.partition(':')[2]}")
        self.log = folder / "server.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log
            )

    async def ask(self, path, method="GET", body=None):
        request = HTTPRequest(
            f"http://{self.address}/{path}",
            method,
            headers={"Authorization": f"token {self.token}"},
            body=json.dumps(body) if body is not None else None,
            request_timeout=PATIENCE,
        )
        return json.loads((await AsyncHTTPClient().fetch(request)).body or "null")

    async def ready(self):
        for _ in range(600):
            with contextlib.suppress(OSError):
                await self.ask("api/status")
                return
            if self.process.poll() is not None:
                break
            await asyncio.sleep(0.2)
        raise SystemExit("The server did not start:\n" + self.log.read_text())

    def stop(self):
        """End it and its kernels, which it would take its time for."""
        for pid in reversed(with_children(self.process.pid)):
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        self.process.wait()


class Kernel:
    """A kernel behind the server's websocket, as a browser has it: replies, widgets, pictures."""

    def __init__(self, server):
        self.server, self.session = server, Session()
        self.models, self.waiting = {}, {}
        self.moves = self._moves()

    async def start(self):
        model = {"name": "python3", "path": "lesson.ipynb"}
        self.id = (await self.server.ask("api/kernels", "POST", model))["id"]
        request = HTTPRequest(
            f"ws://{self.server.address}/api/kernels/{self.id}/channels",
            headers={"Authorization": f"token {self.server.token}"},
        )
        self.socket = await websocket_connect(
            request, subprotocols=[PROTOCOL], max_message_size=10**8
        )
        self.reading = asyncio.create_task(self._read())
        self.pid = int(await self.run("import os", "os.getpid()"))

    async def _read(self):
        while (data := await self.socket.read_message()) is not None:
            channel, parts = deserialize_msg_from_ws_v1(data)
            self.hear(channel, *map(json.loads, parts[:4]))

    def hear(self, channel, header, parent, metadata, content):
        """Take up a message: a widget's state, the end of a cell, or the picture of a move."""
        kind, data = header["msg_type"], content.get("data", {})
        if kind == "comm_open" and content["target_name"] == "jupyter.widget":
            self.models[content["comm_id"]] = data["state"]
        is_answer = {
            "execute_reply": channel == "shell",
            "comm_msg": ["value"] in data.get("buffer_paths", []),  # a picture's bytes
        }
        wanted, answer = self.waiting.get(parent.get("msg_id"), (None, None))
        if kind == wanted and is_answer[kind] and not answer.done():
            answer.set_result(content)

    async def send(self, kind, content, wanted):
        """Send a request, and return the content of the wanted answer."""
        message = self.session.msg(kind, content)
        answer = asyncio.get_running_loop().create_future()
        self.waiting[message["header"]["msg_id"]] = wanted, answer
        packed = serialize_msg_to_ws_v1(message, "shell", self.session.pack)
        await self.socket.write_message(packed, binary=True)
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        finally:
            del self.waiting[message["header"]["msg_id"]]

    async def run(self, code, asked="None"):
        """Run a cell as JupyterLab does, or raise its error; return the text of what is asked."""
        request = {"code": code, "silent": False, "store_history": True, "allow_stdin": True}
        request |= {"user_expressions": {"asked": asked}, "stop_on_error": True}
        reply = await self.send("execute_request", request, "execute_reply")
        if reply["status"] != "ok":
            raise RuntimeError("\n".join(reply["traceback"]))
        return reply["user_expressions"]["asked"]["data"]["text/plain"]

    def sliders(self):
        """Return the sliders of the first explorer of color: `{name: (id, low, high)}`."""
        found = {}
        for comm_id, state in self.models.items():
            name = state.get("description", "").partition(" ")[0]
            if name in REST and state["_model_name"] == "FloatSliderModel" and name not in found:
                found[name] = comm_id, state["min"], state["max"]
        return found

    async def move(self):
        """Make the next move, and wait for its picture."""
        comm_id, value = next(self.moves)
        data = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        await self.send("comm_msg", {"comm_id": comm_id, "data": data}, "comm_msg")

    def _moves(self):
        """Yield `(slider, value)` for ever, first those that bring all to where they rest."""
        sliders = self.sliders()
        for name, value in REST.items():
            yield sliders[name][0], value
        for name in itertools.cycle(REST):
            comm_id, low, high = sliders[name]
            yield from ((comm_id, value) for value in way(low, high))
            yield comm_id, REST[name] + 0.01 * (high - low)  # at none of the steps
