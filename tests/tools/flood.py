"""A flood of logins: an open loop that asks on, however slow the answers, from as many addresses as
it likes (through a proxy that user-svc trusts). A process of its own, so that whoever measures
beside it has a clock of his own.

usage: flood.py HOST:PORT RATE SECONDS   users as JSON lines {"username", "password"} on stdin

Prints what came back as JSON: {"answers": {kind: {status: count}}, "faults": [text…]}. A kind is a
guess at names that are not there, at the victim's account, or a user's own login."""
import asyncio
import collections
import json
import random
import sys
import time

TICK_S = 0.01
CONNECTIONS_MAX = 600   # beyond what a queue of two seconds holds; then a tick sends nothing more
ANSWER_TIMEOUT_S = 30
VICTIM_SHARE, OWN_SHARE = 0.2, 0.1  # all guesses at the victim come from one address
FAULTS_SHOWN = 20
# What each kind may be answered. An own login is never refused for what others do.
RIGHT_ANSWERS = {"nobody": {401, 503}, "victim": {401, 429, 503}, "own": {200, 503}}


class Flood:
    def __init__(self, address, users):
        self.host, self.port = address.split(":")
        self.victim, self.idle_users = users[0], [user | {"source": f"198.18.0.{n}"}
                                                  for n, user in enumerate(users[1:])]
        self.idle_connections = []
        self.count = 0
        self.answers = {kind: collections.Counter() for kind in RIGHT_ANSWERS}
        self.faults = []

    def next_login(self):
        """-> kind, who, with which password, from where, and the user to give back"""
        dice = random.random()
        if dice < OWN_SHARE and self.idle_users:
            user = self.idle_users.pop()
            return "own", user["username"], user["password"], user["source"], user
        if dice < OWN_SHARE + VICTIM_SHARE:
            return "victim", self.victim["username"], "another-password", "198.18.1.1", None
        source = f"198.19.{random.randrange(256)}.{random.randrange(256)}"
        return "nobody", f"nobody-{random.getrandbits(64):x}", "another-password", source, None

    async def log_in(self):
        kind, name, password, source, user = self.next_login()
        try:
            status, headers, body = await asyncio.wait_for(self.ask(name, password, source),
                                                           ANSWER_TIMEOUT_S)
            self.judge(kind, status, headers, body)
        except (OSError, EOFError, ValueError, asyncio.TimeoutError) as error:
            self.faults.append(f"{kind}: {error!r}")
        finally:
            self.count -= 1
            if user:
                self.idle_users.append(user)

    def judge(self, kind, status, headers, body):
        self.answers[kind][status] += 1
        if status not in RIGHT_ANSWERS[kind]:
            self.faults.append(f"{kind}: {status} {body[:200]}")
        elif status in (429, 503) and not (headers.get("retry-after", "").isdigit() and
                                           json.loads(body)["retryable"]):
            self.faults.append(f"{kind}: {status} without a time to come again: {headers} {body}")

    async def ask(self, name, password, source):
        if self.idle_connections:
            reader, writer = self.idle_connections.pop()
        else:
            reader, writer = await asyncio.open_connection(self.host, self.port)
        body = json.dumps({"username": name, "password": password})
        writer.write(f"POST /login HTTP/1.1\r\nHost: arch.homework\r\nX-Forwarded-For: {source}\r\n"
                     f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                     .encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        answer = await reader.readexactly(int(headers.get("content-length", 0)))
        self.idle_connections.append((reader, writer))
        return int(head[0].split()[1]), headers, answer.decode()

    async def run(self, rate, seconds):
        began = time.monotonic()
        sent, tasks = 0, set()
        while (now := time.monotonic() - began) < seconds:
            while sent < now * rate:
                sent += 1
                if self.count >= CONNECTIONS_MAX:
                    continue  # missed: an open loop does not catch up
                self.count += 1
                task = asyncio.create_task(self.log_in())
                tasks.add(task)
                task.add_done_callback(tasks.discard)
            await asyncio.sleep(TICK_S)
        while tasks:
            await asyncio.wait(tasks)
        for _, writer in self.idle_connections:
            writer.close()


def main():
    address, rate, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    flood = Flood(address, [json.loads(line) for line in sys.stdin])
    asyncio.run(flood.run(rate, seconds))
    print(json.dumps({"answers": flood.answers, "faults": flood.faults[:FAULTS_SHOWN]}))


if __name__ == "__main__":
    main()
