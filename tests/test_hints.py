"""What a kernel says of a cell that ran too early, what is saved of sliders, and what a cell that runs again leaves behind."""

import json
import os
import sys
import types
from pathlib import Path
from unittest import mock

import pytest
from IPython.core.application import ENV_CONFIG_DIRS
from IPython.utils.capture import capture_output
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

import run
from helpers import hints, labels, live, server
from helpers.figures.rope import Plane
from tools.living import shell
from tools.notebooks import NOTEBOOKS


def said(source, folder=NOTEBOOKS):
    """What a kernel in `folder` prints when it runs a cell."""
    with shell(folder) as running, capture_output() as captured:
        hints.load_ipython_extension(running)
        running.run_cell(source)
    return captured.stdout


def test_a_name_that_no_cell_has_made_is_told():
    assert "→ No cell has made live yet. Choose Run > Run All Above Selected Cell" in said("live.explore()")
    assert "→ 还没有单元定义过 live。" in said("live.explore()", NOTEBOOKS / "zh")
    assert labels.language() == "en"


@pytest.mark.parametrize("source", ["1 / 0", "x = 1", "x = = 1", "def f():\n    y += 1\nf()"])
def test_nothing_is_said_of_any_other_cell(source):
    assert "→" not in said(source)


def test_run_py_names_the_functions_that_there_are(tmp_path):
    """IPython and the server are told by name; IPython looks where the environment has its settings."""
    run.set_up_jupyterlab(tmp_path)
    kernel = json.loads((tmp_path / "etc/ipython/ipython_kernel_config.json").read_text())
    settings = json.loads((tmp_path / "etc/jupyter/jupyter_server_config.json").read_text())
    assert kernel["InteractiveShellApp"]["extensions"] == [hints.__name__]
    assert settings["FileContentsManager"]["pre_save_hook"] == f"{server.__name__}.{server.before_saving.__name__}"
    assert settings["ServerApp"]["kernel_websocket_connection_class"] == f"{server.__name__}.{server.AtOnce.__name__}"
    assert str(Path(sys.prefix) / "etc" / "ipython") in ENV_CONFIG_DIRS


def test_a_saved_notebook_keeps_the_text_of_sliders_and_nothing_that_needs_them():
    view = {server.SLIDERS: {}, "text/plain": "sliders"}
    outputs = [{"data": dict(view)}, {"data": {server.SLIDERS: {}}}, {"text": "printed"}, {"data": {"image/png": ""}}]
    model = {"type": "notebook", "content": {"cells": [{"outputs": outputs}, {"source": "text"}]}}
    server.before_saving(model=model, path="", contents_manager=None)
    assert outputs == [{"data": {"text/plain": "sliders"}}, {"data": {server.SLIDERS: {}}}, {"text": "printed"}, {"data": {"image/png": ""}}]
    server.before_saving(model={"type": "file", "content": "text"})


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 1)() == 0, reason="root may write anywhere")
def test_a_project_that_cannot_be_written_to_is_told(tmp_path, capsys):
    tmp_path.chmod(0o500)
    room = run.writable(tmp_path)
    assert room != tmp_path and room.is_dir() and "cannot be written to" in capsys.readouterr().out
    room.rmdir()


def test_a_project_that_can_be_written_to_is_not(tmp_path, capsys):
    assert run.writable(tmp_path) == tmp_path and capsys.readouterr().out == ""


def test_a_picture_that_its_cell_shows_no_more_keeps_no_pixels(monkeypatch):
    """It still moves: another window may have it before it."""
    monkeypatch.setattr(live, "_last_shown", {})
    with shell() as running, capture_output():
        running.events.register("post_run_cell", live._after_a_cell)
        monkeypatch.setattr(live, "_shell", running)
        running.push({"live": live, "Plane": Plane})
        source, kept = "made = live.explore(Plane, m=live.whole(9, 0, 40)); made", []
        for cell, code in (("a", source), ("b", "made"), ("b", "made"), ("a", source), ("b", "1"), ("b", "1")):
            running.run_cell(code, cell_id=cell)
            kept.append(running.user_ns["made"])
        older, newer = kept[0], kept[-1]
        assert older is kept[2] and older is not newer and not live._shown
        assert older.painter._background is None and newer.painter._background is not None
        older.sliders["m"].value = 10
        assert older.error is None and older.frames == 1


def test_what_is_under_way_is_dropped_with_the_pixels():
    """A sharp picture that is waited for when its cell runs again must not be drawn any more."""
    explorer = live.explore(Plane, m=live.whole(9, 0, 40))
    sent = []
    explorer._image = types.SimpleNamespace(update=sent.append)
    explorer.sliders["m"].value = 10
    waited_for = explorer._last
    explorer.forget()
    explorer._sharpen(waited_for)
    assert len(sent) == 1 and explorer.painter._background is None


@pytest.fixture
def connection(monkeypatch):
    """A page's connection, as Jupyter's server has it."""
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: None)
    socket = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    socket.ws_connection = mock.Mock(selected_subprotocol="v1.kernel.websocket.jupyter.org")
    made = server.AtOnce(websocket_handler=socket)
    made.connect()
    return made


def test_messages_to_the_page_leave_at_once(connection):
    connection.websocket_handler.ws_connection.set_nodelay.assert_called_once_with(True)


def test_the_last_messages_of_an_old_connection_are_read_as_they_were_written(connection, monkeypatch):
    """A page connects anew, as after Restart Kernel, while messages on its old connection are still under way."""
    sent = []
    monkeypatch.setattr(server.AtOnce, "multi_kernel_manager", types.SimpleNamespace(allowed_message_types=[]))
    monkeypatch.setattr(Session, "send_raw", lambda self, stream, parts: sent.append((stream, parts)))
    connection.channels = {"shell": "to the kernel"}
    parts = [b"header", b"parent", b"metadata", b"content"]
    message = serialize_msg_to_ws_v1(parts, "shell")
    connection.websocket_handler.close()
    connection.handle_incoming_message(message)
    assert sent == [("to the kernel", parts)]
