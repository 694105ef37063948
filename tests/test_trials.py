"""The table of trials: what goes wrong in a lecture, and the sentence that then stands on the screen.

One server for all, in a folder whose name has a space and Chinese characters. Every trial opens a small notebook of its own,
in one page where it can.
"""

import os
import signal
import socket
import stat
import threading

import pytest
from lab import Lab

from helpers import labels

pytestmark = pytest.mark.browser

IMPORT = "from helpers import live, style\nfrom helpers.figures import rope as pictures\nstyle.apply({language})"
LIVE = "made = live.explore(pictures.Plane, m=live.whole(9, 0, 40))\nmade"

ENDED = "The kernel that drew this picture has ended or begun anew: these sliders move nothing. Choose Kernel > Restart Kernel and Run All Cells, then drag again."
CUT = (
    "No connection: the picture stands still, and follows by itself when the connection is back. "
    "If JupyterLab was stopped, start it again (python3 run.py lab) and use the page that it opens."
)
EARLY = (
    "→ No cell has made {name} yet. Choose Run > Run All Above Selected Cell, then run this cell again. "
    "If none above makes it, look for a typing error."
)
HINT = "sliders: {names}: run this notebook in JupyterLab to drag them"


@pytest.fixture(scope="module")
def lab(program, tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("课 堂 lab"), program=program) as running:
        yield running


@pytest.fixture(scope="module")
def shared(lab):
    """Pages that trials may share: none at first, then one."""
    return []


@pytest.fixture
def trial(lab, shared):
    """A trial in the page that others had before it."""
    made = []

    def begin(name, language="en"):
        made.append(Trial(lab, name, language, page=shared.pop() if shared else None))
        return made[0]

    yield begin
    (one,) = made
    one.notebook.close()
    if not one.page.locator(".jp-Dialog").count():  # after a trial that failed there may be one
        shared.append(one.page)


class Trial:
    """A notebook of three cells in a page of its own: imports, a live picture, the same picture again."""

    def __init__(self, lab, name, language="en", page=None):
        self.lab, self.language, self.page = lab, language, page
        self.name = f"{'zh/' if language == 'zh' else ''}{name}.ipynb"
        self.path = lab.write(self.name, IMPORT.format(language=repr(language)), LIVE, "made")
        self.open()

    def open(self):
        self.notebook = self.lab.open(self.name, page=self.page)
        self.page = self.notebook.page

    def run(self, number):
        self.page.evaluate("number => { jupyterapp.shell.currentWidget.content.activeCellIndex = number; }", number)
        self.notebook.command("notebook:run-cell")

    def live(self, number=1):
        return self.notebook.live(number)

    def kernel(self, code):
        """What the kernel prints when it executes `code`."""
        return self.page.evaluate(
            """async code => {
                const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({code, store_history: false});
                let said = '';
                future.onIOPub = message => { said += message.content.text ?? ''; };
                await future.done;
                return said;
            }""",
            code,
        )

    def session(self, call):
        self.page.evaluate(f"() => jupyterapp.shell.currentWidget.sessionContext.{call}")

    def idle(self):
        """Wait until the kernel has nothing to do."""
        self.page.wait_for_function("() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'")

    def press(self, number=1):
        """One step of the first slider in cell `number`."""
        self.live(number).handles.first.focus()
        self.page.keyboard.press("ArrowRight")

    def moves(self, number=1):
        before = self.live(number).source()
        self.press(number)
        return self.live(number).changed(before)

    def close_dialogs(self):
        """Those that JupyterLab opens by itself, when they are there."""
        self.page.locator(".jp-Dialog-footer button").last.click()
        self.page.locator(".jp-Dialog").wait_for(state="detached")

    def sentence(self, english, **fields):
        text = labels.CHINESE[english] if self.language == "zh" else english
        return self.page.get_by_text(text.format(**fields) if fields else text, exact=True).first

    def says(self, english, **fields):
        self.sentence(english, **fields).wait_for()

    def silent(self, english):
        self.sentence(english).wait_for(state="hidden")


class Wire:
    """Stands between a page and the server, and can be cut."""

    def __init__(self, port):
        self.server, self.whole, self.ends = port, True, []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                near = self.door.accept()[0]
            except OSError:  # closed
                return
            if not self.whole:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.server))
            self.ends += near, far
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    @staticmethod
    def carry(one, other):
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def cut(self):
        self.whole = False
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


# ------------------------------------------------------------------------------------------------- the kernel


def killed(trial):
    os.kill(int(trial.kernel("import os; print(os.getpid())")), getattr(signal, "SIGKILL", signal.SIGTERM))
    assert "died" in trial.page.locator(".jp-Dialog").inner_text()
    trial.close_dialogs()
    trial.idle()  # Jupyter starts another by itself, and may lose its way if it is asked to do so meanwhile


def restarted(trial):
    trial.session("session.kernel.restart()")
    trial.idle()


def shut_down(trial):
    trial.notebook.command("kernelmenu:shutdown")


@pytest.mark.parametrize("language, ends", [
    ("en", killed),
    ("zh", restarted),
    ("zh", shut_down),
], ids=["killed", "restarted", "shut down"])  # fmt: skip
def test_sliders_without_their_kernel_say_what_to_do(trial, language, ends):
    trial = trial("kernel", language)
    trial.notebook.run_all()
    trial.moves()
    assert not trial.sentence(ENDED).is_visible() and not trial.sentence(CUT).is_visible()
    ends(trial)
    trial.live()
    trial.says(ENDED)
    assert not trial.sentence(CUT).is_visible()
    trial.page.get_by_role("menuitem", name="Kernel").click()  # what the sentence says to do
    trial.page.get_by_role("menuitem", name="Restart Kernel and Run All Cells").click()
    if ends is not shut_down:  # else it does not ask whether to restart
        trial.close_dialogs()
    trial.silent(ENDED)
    trial.moves()


def test_a_picture_follows_again_when_the_connection_is_back(lab):
    wire, address = Wire(int(lab.address.rpartition(":")[2])), lab.address
    lab.address = f"http://127.0.0.1:{wire.port}"
    try:
        trial = Trial(lab, "wire", "zh")
    finally:
        lab.address = address
    with wire.door:
        trial.notebook.run_all()
        before = trial.live().source()
        wire.cut()
        trial.says(CUT)
        trial.close_dialogs()
        trial.press()
        wire.whole = True
        trial.silent(CUT)
        trial.live().changed(before)  # the move made meanwhile
        trial.moves()
        assert not trial.sentence(ENDED).is_visible()
        trial.page.close()


# ------------------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cell_that_is_run_too_early_says_which_to_run_first(trial, language):
    trial = trial("early", language)
    trial.run(1)
    trial.says(EARLY, name="live")
    trial.notebook.command("notebook:run-all-above")
    trial.run(1)
    trial.live()
    assert not trial.sentence(EARLY, name="live").is_visible()


def test_a_picture_that_is_shown_twice_moves_in_both_places(trial):
    trial = trial("twice")
    trial.notebook.run_all()
    for _ in range(2):
        trial.run(1)  # a new picture; cell 2 still has the old one
    older = trial.live(2).source()
    trial.moves(1)
    assert trial.live(2).source() == older and trial.page.locator(".live-sliders").count() == 2
    trial.moves(2)
    trial.run(2)
    before = trial.live(2).source()
    trial.moves(1)
    trial.live(2).changed(before)  # now the same picture
    assert trial.notebook.complaints() == []


def test_two_windows_on_one_notebook(trial):
    """The second has the saved file before it, and a running kernel: no sliders that would move and a picture that stays."""
    trial = trial("windows")
    trial.notebook.run_all()
    trial.live()
    trial.notebook.save()
    first, trial.page = trial.page, None
    trial.open()
    trial.says(HINT, names="m")
    assert trial.page.locator(".live-sliders").count() == 0
    trial.notebook.run_all()
    trial.moves()
    trial.page = trial.notebook.page = first
    first.bring_to_front()
    trial.moves()


# ------------------------------------------------------------------------------------------------- files


def test_a_saved_notebook_that_is_opened_again_says_to_run_it(trial):
    trial = trial("saved", "zh")
    trial.notebook.run_all()
    trial.live()
    trial.notebook.save()
    trial.notebook.close()
    trial.open()
    trial.says(HINT, names="m")
    assert trial.page.get_by_text("model not found").count() == 0


def test_a_notebook_that_cannot_be_saved_says_so(trial):
    trial = trial("locked")
    trial.path.chmod(stat.S_IREAD)
    if os.access(trial.path, os.W_OK):
        pytest.skip("this user may write to a file that is locked")
    trial.notebook.run_all()
    trial.moves()
    trial.page.keyboard.press("Control+s")
    trial.page.get_by_text("is read-only").first.wait_for()


# ------------------------------------------------------------------------------------------------- the server


def test_an_old_page_of_a_server_that_began_anew(lab):
    """As after an update: the same port, another token. The last trial, for the server is another afterwards."""
    trial = Trial(lab, "old")
    trial.notebook.run_all()
    trial.moves()
    lab.server.kill()
    lab.server.wait()
    trial.says(CUT)
    lab.token = "another" * 4
    lab._serve(lab._stack, int(lab.address.rpartition(":")[2]))
    said = trial.page.locator(".live-troubles p:visible").first
    said.wait_for()
    assert said.inner_text() in (CUT, ENDED)  # by what the page hears first: no connection, or no such kernel
    trial.page = None
    trial.open()  # the page that the new one opens
    trial.notebook.run_all()
    trial.moves()
