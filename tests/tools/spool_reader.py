#!/usr/bin/env python3
"""Reads out the mails of a spool (MAIL_SPOOL_DIR) on the loopback, for a run of the Postman collection:
GET /latest?to=ADDRESS -> {"to", "subject", "text"} of the newest mail to that address, or a 404.
Prints its URL once it listens; SIGTERM or Ctrl-C ends it."""
import argparse
import email
import email.policy
import http.server
import json
import pathlib
from urllib.parse import parse_qs, urlsplit


def latest(spool, address):
    """Names of files sort by time, and only whole mails have such a name."""
    for path in sorted(spool.glob("*.eml"), reverse=True):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if mail["To"] == address:
            return {"to": address, "subject": mail["Subject"], "text": mail.get_content()}
    return None


class Handler(http.server.BaseHTTPRequestHandler):
    spool = None

    def do_GET(self):
        url = urlsplit(self.path)
        addresses = parse_qs(url.query).get("to", [])
        mail = latest(self.spool, addresses[0]) if url.path == "/latest" and addresses else None
        body = json.dumps(mail or {"error": "no such mail"}).encode()
        self.send_response(200 if mail else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass  # a mail's link is a secret


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("spool", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=0, help="0, the default: a free one")
    arguments = parser.parse_args()
    Handler.spool = arguments.spool
    with http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler) as server:
        print(f"http://127.0.0.1:{server.server_port}", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
