"""What Jupyter's server does otherwise here; `run.py` names this module in the environment's settings. No kernel imports it."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

SLIDERS = "application/vnd.jupyter.widget-view+json"


class AtOnce(ZMQChannelsWebsocketConnection):
    """Messages to the page leave at once, and what still comes from a page that was cut off is read as it was written.

    Else a small one is held back until the one before is acknowledged, which may be put off for 40 ms (Nagle's algorithm
    and delayed acknowledgement). And when a page connects anew, as after Restart Kernel, Jupyter forgets which protocol the
    old connection spoke while its last messages are under way; one misread takes gigabytes, and the server stands still.
    """

    agreed = None

    def connect(self):
        self.websocket_handler.set_nodelay(True)
        self.agreed = super().subprotocol
        return super().connect()

    @property
    def subprotocol(self):
        return self.agreed or super().subprotocol


def before_saving(model, **_):
    """Called with what is about to be saved: of sliders the file keeps their text alone.

    Else they would read "model not found" when it is opened again; so there stands what they are, and to run them.
    """
    if model["type"] == "notebook":
        for cell in model["content"].get("cells", ()):
            for output in cell.get("outputs", ()):
                data = output.get("data", {})
                if len(data) > 1:
                    data.pop(SLIDERS, None)
