"""Python's own file server, with compression, as every web server has it."""

import gzip
import http.server
import io
from functools import lru_cache, partial
from pathlib import Path

PACKED = {".html", ".css", ".js", ".mjs", ".json", ".wasm", ".svg", ".ipynb", ".map", ".txt"}


@lru_cache(maxsize=4096)
def packed(path, _changed):
    """The content of a file, compressed if that helps; _changed: its time, so that a new content is read again."""
    content = Path(path).read_bytes()
    return gzip.compress(content, 6, mtime=0) if Path(path).suffix in PACKED else content


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends a file compressed, and "not modified" for one that the browser has."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:  # the page was closed meanwhile
            self.close_connection = True

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # ask again, and be told "not modified"
        super().end_headers()

    def send_head(self):
        path = Path(self.translate_path(self.path))
        fresh = self.headers.get("If-Modified-Since") or "gzip" not in self.headers.get("Accept-Encoding", "")
        if fresh or path.suffix not in PACKED or not path.is_file():
            return super().send_head()
        content = packed(str(path), path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Last-Modified", self.date_time_string(path.stat().st_mtime))
        self.end_headers()
        return io.BytesIO(content)


def server(folder, port=0, handler=Handler):
    """A server of a folder on this machine; port 0: any free one."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(folder)))
