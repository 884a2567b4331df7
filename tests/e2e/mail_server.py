"""A mail server that takes mails, or does not, as tests want it: plain, by STARTTLS, by TLS from
the first byte, with a password."""
import base64
import email
import socketserver
import ssl
import subprocess
import threading

HOST = "0.0.0.0"  # no loopback name: to the product it is as foreign as any other server


def make_certificate(folder):
    """-> paths of a certificate for HOST, and of its key"""
    certificate, key = folder / "mail-server.pem", folder / "mail-server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=mail",
                    "-addext", f"subjectAltName=IP:{HOST}", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


class MailServer:
    """refuse: command -> a reply in place of the good one ({"RCPT": "450 later"}), for as long as
    it stands there; certificate: what make_certificate() gave; tls: from the first byte."""

    def __init__(self, certificate=None, tls=False, password=None):
        self.refuse, self.mails, self.tried = {}, [], 0
        self.password, self.logins = password, 0
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.tls = tls
        self.silent = threading.Event()  # while it is set nothing is answered
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    Conversation(outer, self.request).hold()
                except OSError:
                    pass  # the client left, or wants no TLS of ours

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Conversation:
    def __init__(self, server, connection):
        self.server = server
        self.encrypted, self.logged_in = False, False
        if server.tls:
            connection = self.encrypt(connection)
        self.connection = connection
        self.lines = connection.makefile("rb")
        self.sender, self.recipients = None, []

    def encrypt(self, connection):
        self.encrypted = True
        return self.server.context.wrap_socket(connection, server_side=True)

    def say(self, reply):
        self.connection.sendall(f"{reply}\r\n".encode())

    def hold(self):
        self.server.tried += 1
        self.say("220 mail.example")
        while line := self.lines.readline():  # of another stream after STARTTLS
            command = line.decode("ascii").rstrip("\r\n")
            word = command.split(":")[0].split()[0].upper()
            if self.server.silent.is_set():
                continue
            if word in self.server.refuse:
                self.say(self.server.refuse[word])
                continue
            getattr(self, f"on_{word.lower()}")(command)
            if word == "QUIT":
                return

    def on_ehlo(self, _):
        features = ["mail.example", "8BITMIME"]
        if self.server.context and not self.encrypted:
            features.append("STARTTLS")
        if self.server.password and self.encrypted:
            features.append("AUTH PLAIN")
        self.connection.sendall("".join(
            f"250{' ' if feature is features[-1] else '-'}{feature}\r\n"
            for feature in features).encode())

    def on_starttls(self, _):
        self.say("220 go on")
        self.connection = self.encrypt(self.connection)
        self.lines = self.connection.makefile("rb")

    def on_auth(self, command):
        credentials = command.split()[2:]
        if not credentials:
            self.say("334 ")
            credentials = [self.lines.readline().decode().strip()]
        right = base64.b64decode(credentials[0]) == b"\0user\0" + self.server.password.encode()
        self.logged_in = right
        self.server.logins += right
        self.say("235 fine" if right else "535 no")

    def on_mail(self, command):
        if self.server.password and not self.logged_in:
            self.say("530 log in")
            return
        self.sender = command[len("MAIL FROM:"):].split(">")[0].lstrip("<")
        self.say("250 fine")

    def on_rcpt(self, command):
        self.recipients.append(command[len("RCPT TO:"):].strip("<>"))
        self.say("250 fine")

    def on_data(self, _):
        self.say("354 go on")
        lines = []
        for line in self.lines:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = email.message_from_bytes(b"".join(lines))
        self.server.mails.append((self.sender, self.recipients, mail))
        self.say("250 fine")

    def on_quit(self, _):
        self.say("221 bye")
