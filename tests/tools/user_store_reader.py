"""Reads what user-svc keeps, past user-svc: the secrets in it, and all of it."""
import sqlite3
from contextlib import closing

NO_DIGEST = bytes(32)  # of a user who wants no new password


def open_user_store(uri):
    """Of a STORE_URI. What it gives has
    secrets()  -> hashes of passwords (text), digests of refresh tokens and of reset tokens (bytes)
    sessions() -> their ids
    dump()     -> all of it as one text
    """
    scheme, _, path = uri.partition(":")
    return SqliteUserStore(path) if scheme == "sqlite" else MongoUserStore(uri)


class SqliteUserStore:
    def __init__(self, path):
        self.path = path

    def select(self, query):
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    def secrets(self):
        users = self.select("SELECT password, reset_digest FROM users")
        sessions = self.select("SELECT current, parent FROM sessions")
        return ({password for password, _ in users},
                {digest for session in sessions for digest in session} - {NO_DIGEST},
                {digest for _, digest in users} - {NO_DIGEST})

    def sessions(self):
        return [row[0] for row in self.select("SELECT id FROM sessions")]

    def dump(self):
        tables = [name for name, in self.select("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return repr([self.select(f"SELECT * FROM {name}") for name in tables])


class MongoUserStore:
    def __init__(self, uri):
        import pymongo  # whoever reads SQLite alone need not have it
        self.client = pymongo.MongoClient(uri)
        self.database = self.client.get_default_database()

    def secrets(self):
        users = list(self.database.users.find({"tombstone": {"$exists": False}}))
        sessions = self.database.sessions.find()
        return ({user["password"] for user in users},
                {session[name] for session in sessions for name in ("current", "parent")} - {NO_DIGEST},
                {user["reset"]["digest"] for user in users} - {NO_DIGEST})

    def sessions(self):
        return self.database.sessions.distinct("_id")

    def dump(self):
        return repr([list(self.database[name].find())
                     for name in self.database.list_collection_names()])
