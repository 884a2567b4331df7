"""A proxy before a MongoDB that loses what a test names: the request never arrives, and its sender
cannot know what became of it, for its connection ends, or it hears what a test has it hear."""
import socket
import struct
import threading

OP_MSG = 2013
HEADER = struct.Struct("<iiii")  # length, id, id of the request, kind
DOCUMENT_AT = HEADER.size + 5    # behind flags and the section's kind


def receive(source, count):
    """None: the other side has ended."""
    data = b""
    while len(data) < count:
        part = source.recv(count - len(data))
        if not part:
            return None
        data += part
    return data


def read_message(source):
    """One message of the wire protocol, whose first four bytes are its length."""
    head = receive(source, 4)
    rest = head and receive(source, struct.unpack("<i", head)[0] - 4)
    return rest and head + rest


def insert_into(collection):
    """What is in the message of an insert, as BSON writes it: {insert: "<collection>", …}."""
    name = collection.encode() + b"\0"
    return b"\x02insert\0" + struct.pack("<i", len(name)) + name


def no_majority(message):
    """What a primary says to an insert that it wrote alone; the next one will not have it."""
    import bson  # of pymongo: only whoever has a MongoDB needs it
    size, = struct.unpack_from("<i", message, DOCUMENT_AT)
    command = bson.decode(message[DOCUMENT_AT:DOCUMENT_AT + size])
    reply = bson.encode({"ok": 1.0, "n": len(command["documents"]), "writeConcernError": {
        "code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting for replication timed out"}})
    _, number, _, _ = HEADER.unpack_from(message)
    return HEADER.pack(DOCUMENT_AT + len(reply), 0, number, OP_MSG) + bytes(5) + reply


class StoreProxy:
    def __init__(self, address):
        self.store = address
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "%s:%d" % self.listener.getsockname()
        self.loses = None   # bytes in a request
        self.lost = 0
        self.replies = None # request -> what its sender hears; None: nothing, its connection ends
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                store = socket.create_connection(self.store)
            except OSError:
                return
            self.connections += [client, store]
            for pump in (self.forward, self.answer):
                threading.Thread(target=pump, args=(client, store), daemon=True).start()

    def forward(self, client, store):
        try:
            while message := read_message(client):
                if self.loses and self.loses in message:
                    self.lost += 1
                    if not self.replies:
                        break
                    client.sendall(self.replies(message))
                    continue
                store.sendall(message)
        except OSError:
            pass
        end(client, store)

    def answer(self, client, store):
        try:
            while part := store.recv(65536):
                client.sendall(part)
        except OSError:
            pass
        end(client, store)

    def close(self):
        end(self.listener, *self.connections)


def end(*sockets):
    """Whoever waits for them wakes up."""
    for one in sockets:
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        one.close()
