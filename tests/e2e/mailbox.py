"""Mails that the product left in a spool, and the links in them."""
import email
import re

from waiting import poll

PUBLIC_URL = "http://arch.homework"  # product.py's setting


class Mailbox:
    """The spool as its reader sees it."""

    def __init__(self, folder):
        self.folder = folder
        self.seen = set()

    def next_mail(self):
        """Waits for one that was not given yet, the oldest of them."""
        path = poll(self.unseen, "a mail")
        self.seen.add(path)
        return email.message_from_bytes(path.read_bytes())

    def unseen(self):
        return next((path for path in self.mails() if path not in self.seen), None)

    def mails(self):
        return sorted(self.folder.glob("*.eml"))


def token_of(mail):
    links = re.findall(r"^(\S+)/reset-password\?token=([A-Za-z0-9_-]+)$",
                       mail.get_payload().replace("\r\n", "\n"), re.MULTILINE)
    assert [url for url, _ in links] == [PUBLIC_URL]
    return links[0][1]
