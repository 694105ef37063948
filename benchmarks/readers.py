"""Readers of live pictures without a browser, and slow lines for them: for benchmarks/hub.py.

A reader asks a hub for a server, runs cells of a saved notebook, and drags: it speaks with its kernel as JupyterLab's
widget manager does. The hand moves 30 times a second; a slider's message waits until the kernel is idle again, and the
newest value wins.
"""

import asyncio
import contextlib
import itertools
import json
import math
import re
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import run

ROOT = Path(__file__).resolve().parents[1]
MOVES = 30  # of the hand, per second
PART = 16_384  # bytes that a slow line takes at a time
WAIT = 600  # seconds: longer than anything should take
PROTOCOL = "v1.kernel.websocket.jupyter.org"  # the binary one, as in JupyterLab


async def slow_line(port, rate, delay, shared):
    """A relay to `port` that carries `rate` bits a second each way, `delay` seconds there and back: its own port.

    Each connection has a line of its own, or all have one together. A part is taken when the line is free, so that TCP
    holds a sender back, as on a real line, and everybody has a turn.
    """
    loop = asyncio.get_running_loop()
    together = [0.0, 0.0]  # until when the line is taken, up and down

    async def carry(reader, writer, taken, way):
        under_way = asyncio.Queue()

        async def arrive():
            while (part := await under_way.get())[1]:
                await asyncio.sleep(part[0] - loop.time())
                writer.write(part[1])
            writer.close()

        arriving = asyncio.create_task(arrive())
        late = 0.0  # what this machine slept too long is not the line's fault
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(PART):
                through = taken[way] = max(loop.time() - late, taken[way]) + 8 * len(data) / rate
                under_way.put_nowait((through + delay / 2, data))
                await asyncio.sleep(through - loop.time())
                late = loop.time() - through
        under_way.put_nowait((0, b""))
        await arriving

    async def connected(reader, writer):
        onward, taken = await asyncio.open_connection("127.0.0.1", port), together if shared else [0.0, 0.0]
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(carry(reader, onward[1], taken, 0), carry(onward[0], writer, taken, 1))

    return (await asyncio.start_server(connected, "127.0.0.1", 0, limit=PART)).sockets[0].getsockname()[1]


def packed(channel, kind, content, page, subshell=None):
    """A message for a kernel, as JupyterLab sends it, and its number."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": kind, "username": "", "session": page, "subshell_id": subshell}
    header |= {"version": "5.2", "date": datetime.now(UTC).isoformat()}
    parts = [channel.encode(), *(json.dumps(part).encode() for part in (header, {}, {}, content))]
    places = itertools.accumulate(map(len, parts), initial=8 * (len(parts) + 2))
    return number, b"".join([*(place.to_bytes(8, "little") for place in (len(parts) + 1, *places)), *parts])


def unpacked(data):
    """Header, parent's header and content of a kernel's message, the last one still as bytes."""
    places = [int.from_bytes(data[8 * i : 8 * i + 8], "little") for i in range(1, 7)]
    _, header, parent, _, content = (data[start:end] for start, end in itertools.pairwise(places))
    return json.loads(header), json.loads(parent), content


def cells(number):
    """Code cells of the saved notebook `number`."""
    content = json.loads((ROOT / run.find_notebook(number)).read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in content["cells"] if cell["cell_type"] == "code"]


def moved(state, share):
    """What a slider with this state sends when the hand is at `share` (0 ... 1) of its way."""
    if "_options_labels" in state:
        return {"index": round(share * (len(state["_options_labels"]) - 1))}
    place = state["min"] + round(share * (state["max"] - state["min"]) / state["step"]) * state["step"]
    return {"value": state["base"] ** place if "base" in state else place}


class Reader:
    """One user: a server, a kernel, and what JupyterLab's widget manager tells it and waits for."""

    def __init__(self, name, session, port):
        self.name, self.session, self.port = name, session, port
        self.page = uuid.uuid4().hex
        self.socket = self.listening = None
        self.waiting = {}  # {(message, what ends it): future}
        self.widgets = {}  # {comm: state}, of the last cell
        self.frames = []  # [(arrived, form, bytes of the image)]
        self.received = 0  # bytes

    async def start(self):
        """Ask the hub for the server and wait as its page does; then a kernel, and the first live picture of 03."""
        address = f"http://127.0.0.1:{self.port}/hub/api/users/{self.name}/server"
        async with self.session.post(address) as answer:
            answer.raise_for_status()
        async with self.session.get(address + "/progress") as answer:
            last = [line async for line in answer.content if line.strip()][-1]
        if b'"ready": true' not in last:
            raise run.Stop(f"{self.name}'s server did not start: {last.decode()}")
        ready = time.perf_counter()
        path = Path(run.find_notebook("03")).name
        wanted = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        address = f"http://127.0.0.1:{self.port}/user/{self.name}/api/sessions"
        async with self.session.post(address, json=wanted) as answer:
            answer.raise_for_status()
            self.kernel = (await answer.json())["kernel"]["id"]
        await self.connect(self.port)
        self.subshell = (await self.ask("control", "create_subshell_request", {}))["subshell_id"]
        await self.show("03", "")
        return ready, time.perf_counter()

    async def connect(self, port):
        """Speak with the kernel through this port from now on."""
        if self.socket:
            await self.socket.close()
            await self.listening
        address = f"ws://127.0.0.1:{port}/user/{self.name}/api/kernels/{self.kernel}/channels?session_id={self.page}"
        connecting = self.session.ws_connect(address, protocols=[PROTOCOL], max_msg_size=0)
        self.socket = await asyncio.wait_for(connecting, WAIT)
        assert self.socket.protocol == PROTOCOL, "the server does not know JupyterLab's binary messages"
        self.listening = asyncio.create_task(self.listen())

    async def listen(self):
        async for message in self.socket:
            if not isinstance(message.data, bytes):
                break
            self.received += len(message.data)
            header, parent, content = unpacked(message.data)
            kind = ends = header["msg_type"]
            if kind in ("display_data", "update_display_data"):
                if image := re.search(rb'"image/(jpeg|png)": ?"([^"]*)"', content):
                    self.frames.append((time.perf_counter(), image[1].decode(), len(image[2]) * 3 // 4))
            elif kind == "status":
                ends = json.loads(content)["execution_state"]
                if ends == "dead":
                    break
            elif kind in ("comm_open", "comm_msg"):
                said = json.loads(content)
                self.widgets.setdefault(said["comm_id"], {}).update(said["data"].get("state", {}))
            elif kind == "error" or (kind == "stream" and b'"stderr"' in content):
                print(f"{self.name}'s kernel: {content.decode()[:600]}", file=sys.stderr)
            if future := self.waiting.pop((parent.get("msg_id"), ends), None):
                future.set_result(content)
        for future in self.waiting.values():
            future.set_exception(run.Stop(f"{self.name} waited, and the kernel or the line was gone."))

    async def ask(self, channel, kind, content, ends=None):
        """Send a message, and wait for its reply, or for the state of the kernel that ends it."""
        subshell = self.subshell if kind == "comm_msg" else None  # as JupyterLab does
        number, data = packed(channel, kind, content, self.page, subshell)
        future = asyncio.get_running_loop().create_future()
        self.waiting[number, ends or kind.replace("request", "reply")] = future
        await self.socket.send_bytes(data)
        return json.loads(await asyncio.wait_for(future, WAIT))

    async def show(self, notebook, picture):
        """Run a notebook's imports and the cell of its first live picture of this name, until the picture is there."""
        self.widgets, self.frames = {}, []
        for needed in (r"(?s).*style\.apply\(", rf"live\.explore\(\s*pictures\.{picture}"):
            code = next(code for code in cells(notebook) if re.match(needed, code))
            await self.ask("shell", "execute_request", {"code": code, "silent": False}, "idle")
        if not self.frames:
            raise run.Stop(f"{self.name} was shown no picture by: {code}")

    async def drag(self, slider, seconds, phase):
        """Drag to and fro for so long: what came, and how long after the hand."""
        comm, state = next(item for item in self.widgets.items() if item[1].get("description") == slider)
        self.frames, received, latency, last = [], self.received, [], None
        began = now = time.perf_counter()
        while now < began + seconds:
            hand = began + math.floor((now - began) * MOVES) / MOVES  # when it last moved
            value = moved(state, 0.5 + 0.4 * math.sin(phase + (hand - began) / 0.7))
            if value != last:  # otherwise a slider says nothing
                seen, last = len(self.frames), value
                data = {"method": "update", "state": value, "buffer_paths": []}
                await self.ask("shell", "comm_msg", {"comm_id": comm, "data": data}, "idle")
                latency += [1000 * (when - hand) for when, form, _ in self.frames[seen:] if form == "jpeg"][:1]
            await asyncio.sleep(hand + 1 / MOVES - time.perf_counter())  # at once, if that is over
            now = time.perf_counter()
        sizes = {form: [size for _, kind, size in self.frames if kind == form] for form in ("jpeg", "png")}
        return {"seconds": now - began, "latency": latency, "received": self.received - received, **sizes}
