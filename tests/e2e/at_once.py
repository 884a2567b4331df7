"""Many requests at one time, each on a connection of its own."""
import json
import selectors
import socket
from urllib.parse import urlsplit

TIMEOUT_S = 60


def post_request(path, body, headers=None):
    """-> its bytes"""
    body = json.dumps(body)
    lines = [f"{name}: {value}\r\n" for name, value in (headers or {}).items()]
    return (f"POST {path} HTTP/1.1\r\nHost: arch.homework\r\n{''.join(lines)}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Connection: close\r\n\r\n{body}").encode()


def send_at_once(url, requests):
    """All connect, then all send, then all are read to their end. -> [(status, headers, body)]"""
    address = urlsplit(url)
    sockets = [socket.create_connection((address.hostname, address.port)) for _ in requests]
    answers = {s: b"" for s in sockets}
    with selectors.DefaultSelector() as waiting:
        for s, request in zip(sockets, requests):
            s.sendall(request)
            waiting.register(s, selectors.EVENT_READ)
        while waiting.get_map():
            ready = waiting.select(TIMEOUT_S)
            assert ready, f"{len(waiting.get_map())} requests got no answer"
            for key, _ in ready:
                piece = key.fileobj.recv(65536)
                answers[key.fileobj] += piece
                if not piece:
                    waiting.unregister(key.fileobj)
    for s in sockets:
        s.close()
    return [parse(answers[s]) for s in sockets]


def parse(answer):
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split()[1]), headers, json.loads(body)
