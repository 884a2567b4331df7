"""Reads all that order-svc keeps, past order-svc: what checker.py judges is what a store holds."""
import sqlite3
from contextlib import closing


def open_store(uri):
    """Of a STORE_URI. What it gives has
    read()     -> {order id: (user, price in hundredths, status)}, {order id: state of its record}
    pending()  -> how many records are pending
    drop()     forgets all, where the store is shared with others
    """
    scheme, _, path = uri.partition(":")
    if scheme == "sqlite":
        return SqliteStore(path)
    if scheme.startswith("mongodb"):
        return MongoStore(uri)
    raise ValueError(f"a store is sqlite:PATH or mongodb://…, not {scheme}:")


class SqliteStore:
    STATUSES = ("new", "processing")
    STATES = ("pending", "done", "parked")

    def __init__(self, path):
        self.path = path

    def select(self, query):
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    def read(self):
        orders = {i.hex(): (user.hex(), price, self.STATUSES[status]) for i, user, price, status in
                  self.select("SELECT id, user_id, price, status FROM orders")}
        records = {i.hex(): self.STATES[state]
                   for i, state in self.select("SELECT order_id, state FROM records")}
        return orders, records

    def pending(self):
        return self.select("SELECT count(*) FROM records WHERE state = 0")[0][0]

    def drop(self):
        pass  # a file of the test's own folder


class MongoStore:
    """The database that the URI names, read as a majority has it."""

    def __init__(self, uri):
        import pymongo  # whoever reads SQLite alone need not have it
        from pymongo.read_concern import ReadConcern
        self.client = pymongo.MongoClient(uri)
        self.database = self.client.get_default_database().with_options(
            read_concern=ReadConcern("majority"))

    def read(self):
        orders = {str(row["_id"]): (str(row["userId"]), row["price"], row["status"])
                  for row in self.database.orders.find()}
        records = {str(row["_id"]): row["state"] for row in self.database.records.find()}
        return orders, records

    def pending(self):
        return self.database.records.count_documents({"state": "pending"})

    def address(self):
        """(host, port) of the server that writes."""
        self.client.admin.command("ping")  # until then some versions know none
        return self.client.address

    def drop(self):
        self.client.drop_database(self.database.name)
        self.client.close()
