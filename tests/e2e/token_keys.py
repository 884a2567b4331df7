"""The keys of a product under test, kept by scripts/keys: private ones for user-svc, their public
halves for order-svc."""
import subprocess

from engines import ROOT


def run_keys(*arguments):
    return subprocess.run([ROOT / "scripts" / "keys", *map(str, arguments)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)


class TokenKeys:
    def __init__(self, folder):
        self.private, self.public = folder / "private", folder / "public"

    def add(self, kid):
        run_keys("make", self.private, kid).check_returncode()
        run_keys("public", self.private, self.public).check_returncode()

    def remove(self, kid):
        for folder in (self.private, self.public):
            run_keys("remove", folder, kid).check_returncode()

    def private_pem(self, kid):
        return (self.private / f"{kid}.pem").read_text()

    def public_pem(self, kid):
        return (self.public / f"{kid}.pem").read_text()

    def user_settings(self, active_kid):
        return {"JWT_SECRET": "", "JWT_KEYS_DIR": str(self.private), "JWT_ACTIVE_KID": active_kid}

    def order_settings(self):
        return {"JWT_SECRET": "", "JWT_KEYS_DIR": str(self.public)}
