"""A server that writes down what it is asked. The address tells whose request of which case it is: /SIDE/CASE/PATH."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ID = "c1f5d7b0-6a61-41f0-9d3e-0242ac120002"
TOKEN = {
    "access_token": "AgNew",
    "refresh_token": "AgNewer",
    "scope": "openid",
    "expires_in": 172800,
    "token_type": "Bearer",
    "resource_server": "auth.globus.org",
    "other_tokens": [],
}


class Recorder:
    def __init__(self):
        self.requests = {}
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = read_body(self)
                _, side, case, path = self.path.split("/", 3)
                path, _, query = path.partition("?")
                request = {
                    "method": self.command,
                    "path": "/" + path,
                    "query": query,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": body,
                }
                recorder.requests.setdefault((side, case), []).append(request)
                answer = json.dumps(document(case, path, f"{recorder.url}/{side}/{case}")).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, side, case):
        return self.requests.get((side, case), [])


def read_body(handler):
    """Reads the body; None where the request says that it has none."""
    if "chunked" in handler.headers.get("Transfer-Encoding", ""):
        body = b""
        while size := int(handler.rfile.readline(), 16):
            body += handler.rfile.read(size)
            handler.rfile.readline()
        handler.rfile.readline()
        return body
    length = handler.headers.get("Content-Length")
    return None if length is None else handler.rfile.read(int(length))


def document(case, path, base):
    """An answer that a client goes on from."""
    if path.endswith("submission_id"):
        return {"DATA_TYPE": "submission_id", "value": ID}
    if path.endswith("openid-configuration"):
        return {"issuer": base, "jwks_uri": f"{base}/jwk.json"}
    if path.endswith("jwk.json"):
        return {"keys": []}
    if "dependent" in case:
        return [TOKEN]
    if path.endswith("oauth2/token"):
        return TOKEN
    return {"id": ID, "task_id": ID, "status": "ACTIVE", "active": False, "DATA": []}
