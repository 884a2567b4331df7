"""Accounts that change: by their owners, by admins, and what the audit log tells of it."""
import concurrent.futures
import random
import subprocess

import pytest

import client
from product import BIN, Product
from waiting import poll

ADMIN = ("admin", "nine-brown-ladders")  # product.make_user_svc has it
PASSWORD = "four-green-kettles"  # client.new_user has it
NEW_PASSWORD = "five-green-kettles"
NOBODY = "0" * 24


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    product = Product(tmp_path_factory.mktemp("admin") / "product")
    product.start()
    yield product
    product.stop()
    product.assert_clean_logs()


@pytest.fixture(scope="module")
def admin(product):
    return client.LoggedIn(product.url, *ADMIN)


@pytest.fixture
def somebody(product):
    return product.new_client()


def path_of(user):
    return f"/users/{user.user['_id']}"


def problem(answer):
    """-> (409, "last-admin")"""
    return answer.status, answer.json["type"].removeprefix("/problems/")


def user_in(answer, status=200):
    assert answer.status == status, answer
    return answer.json["data"]["user"]


# --- Me. ---

def test_owner_changes_a_profile(somebody):
    changed = user_in(somebody.request("PATCH", "/me", {"firstName": "Alicia", "photo": "a.jpg"}))
    assert changed == somebody.user | {"firstName": "Alicia", "photo": "a.jpg", "__v": 1}
    assert user_in(somebody.request("GET", "/me")) == changed
    assert user_in(somebody.request("PATCH", "/me", {"firstName": "Alicia"})) == changed
    assert user_in(somebody.request("PATCH", "/me", {})) == changed


def test_another_email_needs_the_password(product, somebody):
    email = somebody.signed_up_as["username"] + "@example.net"
    refused = somebody.request("PATCH", "/me", {"email": email})
    assert problem(refused) == (400, "invalid-request")
    assert [error["pointer"] for error in refused.json["errors"]] == ["/currentPassword"]
    wrong = somebody.request("PATCH", "/me", {"email": email, "currentPassword": "wrong"})
    assert problem(wrong) == (403, "wrong-password")
    right = somebody.request("PATCH", "/me", {"email": email, "currentPassword": PASSWORD})
    assert user_in(right)["email"] == email
    other = product.new_client()
    taken = other.request("PATCH", "/me", {"email": email.upper(), "currentPassword": PASSWORD})
    assert problem(taken) == (409, "user-exists")


def test_members_that_are_not_the_owners_never_persist(somebody, admin):
    chosen = random.Random(1)
    names = ["role", "active", "_id", "__v", "username", "password", "hash", "epoch", "revision",
             "createdAt", "reset", "tokens", "$set", "__proto__", "constructor", "a.b", ""]
    before = user_in(somebody.request("GET", "/me"))
    for _ in range(20):
        extra = {name: chosen.choice(["admin", True, 7, {}, None])
                 for name in chosen.sample(names, 3)}
        refused = somebody.request("PATCH", "/me", {"firstName": "Mallory"} | extra)
        assert problem(refused) == (400, "invalid-request")
        assert len(refused.json["errors"]) == 3
        never = {name: value for name, value in extra.items()
                 if name not in ("role", "active", "username")}
        if never:
            refused = admin.request("PATCH", path_of(somebody), never)
            assert problem(refused) == (400, "invalid-request")
    assert user_in(somebody.request("GET", "/me")) == before


def test_new_password_ends_all_other_sessions(product, somebody):
    elsewhere = client.LoggedIn(product.url, somebody.user["username"], PASSWORD)
    body = {"currentPassword": PASSWORD, "password": NEW_PASSWORD, "passwordConfirm": NEW_PASSWORD}
    answer = somebody.request("POST", "/me/password", body)
    assert user_in(answer) == somebody.user
    assert somebody.request("GET", "/me").status == 401
    assert elsewhere.request("GET", "/me").status == 401
    refresh = {"refreshToken": elsewhere.refresh_token}
    assert client.request(product.url, "POST", "/refresh", refresh).status == 401
    somebody.token = answer.json["token"]
    assert somebody.request("GET", "/me").status == 200
    refresh = {"refreshToken": answer.json["refreshToken"]}
    assert client.request(product.url, "POST", "/refresh", refresh).status == 200
    old = {"username": somebody.user["username"], "password": PASSWORD}
    assert client.request(product.url, "POST", "/login", old).status == 401
    client.LoggedIn(product.url, somebody.user["username"], NEW_PASSWORD)


def test_new_password_follows_the_rules(somebody):
    def pointers(current, password, confirm=None):
        answer = somebody.request("POST", "/me/password", {
            "currentPassword": current, "password": password,
            "passwordConfirm": password if confirm is None else confirm})
        assert problem(answer) == (400, "invalid-request")
        return [(error["pointer"], error["code"]) for error in answer.json["errors"]]

    assert pointers(PASSWORD, "short") == [("/password", "too-short")]
    assert pointers(PASSWORD, "Password1") == [("/password", "common-password")]
    assert pointers(PASSWORD, NEW_PASSWORD, "x") == [("/passwordConfirm", "mismatch")]
    name = somebody.user["username"].upper()
    assert pointers(PASSWORD, name) == [("/password", "common-password")]


def test_guesses_at_the_current_password_are_throttled(somebody):
    guess = {"currentPassword": "wrong", "password": NEW_PASSWORD, "passwordConfirm": NEW_PASSWORD}
    answers = [somebody.request("POST", "/me/password", guess) for _ in range(6)]
    assert [answer.status for answer in answers] == [403] * 5 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    email = {"email": "a@example.net", "currentPassword": PASSWORD}
    assert problem(somebody.request("PATCH", "/me", email)) == (429, "throttled")


def test_current_password_is_checked_whatever_it_comes_with(somebody):
    guess = {"firstName": "Mallory", "currentPassword": "wrong"}
    answers = [somebody.request("PATCH", "/me", guess) for _ in range(6)]
    assert [answer.status for answer in answers] == [403] * 5 + [429]
    assert user_in(somebody.request("GET", "/me")) == somebody.user
    without = somebody.request("PATCH", "/me", {"firstName": "Alicia"})
    assert user_in(without)["firstName"] == "Alicia"


def test_who_leaves_keeps_the_name_and_no_session(product, somebody):
    assert somebody.request("DELETE", "/me").status == 204
    assert somebody.request("GET", "/me").status == 401
    again = {"username": somebody.user["username"], "password": PASSWORD}
    assert client.request(product.url, "POST", "/login", again).status == 401
    assert problem(client.request(product.url, "POST", "/signup", somebody.signed_up_as)) == (
        409, "user-exists")


# --- Admins. ---

@pytest.mark.parametrize("method, path, body", [
    ("GET", "/users", None), ("POST", "/users", {}), ("GET", f"/users/{NOBODY}", None),
    ("PATCH", f"/users/{NOBODY}", {"role": "root"}), ("DELETE", f"/users/{NOBODY}", None),
    ("GET", "/audit?limit=0", None)])
def test_only_admins_are_let_in(product, somebody, method, path, body):
    """Whatever else is wrong: a stranger learns nothing, not even of faults."""
    assert problem(client.request(product.url, method, path, body)) == (401, "invalid-token")
    assert problem(somebody.request(method, path, body)) == (403, "forbidden")


def test_checks_come_in_their_order(admin, somebody):
    assert admin.request("PUT", path_of(somebody), {}).status == 405
    assert problem(admin.request("GET", "/users/me")) == (404, "not-found")
    text = {"Content-Type": "text/plain"}
    assert admin.request("PATCH", path_of(somebody), "role=admin", text).status == 415
    big = {"firstName": "x" * 17000}
    assert admin.request("PATCH", f"/users/{NOBODY}", big).status == 413
    assert admin.request("PATCH", f"/users/{NOBODY}", {"firstName": ""}).status == 400
    assert admin.request("PATCH", f"/users/{NOBODY}", {"firstName": "x"}).status == 404


def test_admin_makes_reads_and_deletes_a_user(product, admin):
    wanted = client.new_user()
    answer = admin.request("POST", "/users", wanted | {"role": "admin", "active": False})
    made = user_in(answer, 201)
    path = answer.headers["Location"]
    assert (made["role"], made["active"], made["__v"]) == ("admin", False, 0)
    assert answer.headers["ETag"] == '"0"'
    assert problem(admin.request("POST", "/users", wanted)) == (409, "user-exists")
    read = admin.request("GET", path)
    assert (user_in(read), read.headers["ETag"]) == (made, '"0"')
    assert read.headers["Cache-Control"] == "no-store"
    assert [admin.request("DELETE", path).status for _ in range(2)] == [204, 204]
    assert problem(admin.request("GET", path)) == (404, "not-found")
    assert client.request(product.url, "POST", "/signup", wanted).status == 201  # the name is free


def test_admin_changes_a_user(admin, somebody):
    path = path_of(somebody)
    wanted = {"username": somebody.user["username"] + "-2", "firstName": "F", "lastName": "L",
              "phone": "+1234567", "photo": "p.jpg", "role": "admin",
              "email": "2-" + somebody.user["email"]}
    answer = admin.request("PATCH", path, wanted)
    assert user_in(answer) == somebody.user | wanted | {"__v": 1}
    assert answer.headers["ETag"] == '"1"'
    assert somebody.request("GET", path).status == 200  # an admin from now on, by the same token
    assert user_in(admin.request("PATCH", path, {"role": "player"}))["__v"] == 2
    assert somebody.request("GET", path).status == 403
    assert user_in(admin.request("PATCH", path, wanted | {"role": "player"}))["__v"] == 2
    taken = admin.request("PATCH", path, {"username": ADMIN[0].upper()})
    assert problem(taken) == (409, "user-exists")


def test_deactivation_counts_from_the_next_request_on(product, admin, somebody):
    assert user_in(admin.request("PATCH", path_of(somebody), {"active": False}))["active"] is False
    assert somebody.request("GET", "/me").status == 401
    refresh = {"refreshToken": somebody.refresh_token}
    assert client.request(product.url, "POST", "/refresh", refresh).status == 401
    admin.request("PATCH", path_of(somebody), {"active": True})
    assert somebody.request("GET", "/me").status == 401
    client.LoggedIn(product.url, somebody.user["username"], PASSWORD)


def test_conditions_are_those_of_http(admin, somebody):
    path = path_of(somebody)
    numbers = iter(range(1000))

    def patch(condition, version):
        """A change under the condition, when the user is at that version already."""
        body = {"phone": f"+42012345{next(numbers):04}"}
        answer = admin.request("PATCH", path, body, {"If-Match": condition})
        assert answer.status == 412 or user_in(answer)["__v"] == version + 1
        return answer.status

    assert patch('"0"', 0) == 200
    assert patch('"0"', 1) == 412
    assert patch('"7", "1"', 1) == 200
    assert patch("*", 2) == 200
    assert patch('W/"3"', 3) == 412
    assert patch("3", 3) == 412
    stale = admin.request("DELETE", path, headers={"If-Match": '"2"'})
    assert problem(stale) == (412, "precondition-failed")
    absent = admin.request("PATCH", f"/users/{NOBODY}", {}, {"If-Match": '"0"'})
    assert problem(absent) == (404, "not-found")
    assert admin.request("DELETE", path, headers={"If-Match": '"3"'}).status == 204


# --- Lists. ---

def all_pages(admin, path, member, limit):
    rows, cursor = [], ""
    while cursor is not None:
        page = admin.request("GET", f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}")
        assert page.status == 200, page
        assert page.json["results"] == len(page.json["data"][member]) <= limit
        rows += page.json["data"][member]
        cursor = f"&cursor={page.json['next']}" if "next" in page.json else None
    return rows


def test_list_of_users_is_whole_and_filtered(product, admin):
    made = [product.new_client().user for _ in range(5)]
    left = product.new_client()
    left.request("DELETE", "/me")
    users = all_pages(admin, "/users", "users", 3)
    ids = [user["_id"] for user in users]
    assert ids == sorted(set(ids))
    assert all(user in users for user in made)
    by_name = all_pages(admin, f"/users?username={made[0]['username'].upper()}", "users", 3)
    assert by_name == [made[0]]
    inactive = all_pages(admin, "/users?active=false", "users", 200)
    assert left.user["_id"] in [user["_id"] for user in inactive]
    assert not any(user["active"] for user in inactive)
    admins = all_pages(admin, "/users?role=admin&active=true", "users", 200)
    assert {user["role"] for user in admins} == {"admin"}
    assert all_pages(admin, "/users?username=nobody-there", "users", 3) == []


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "role=root",
                                   "active=1", "username=a", "limit=1&limit=1", "role=%00"])
def test_bad_filters_of_users_are_told(admin, query):
    assert problem(admin.request("GET", f"/users?{query}")) == (400, "invalid-request")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "cursor=AAAA", "user=me", "user="])
def test_bad_filters_of_the_audit_log_are_told(admin, query):
    assert problem(admin.request("GET", f"/audit?{query}")) == (400, "invalid-request")


def test_audit_log_tells_who_did_what_to_whom(admin, somebody):
    user_id, admin_id = somebody.user["_id"], admin.user["_id"]
    secret = "six-green-kettles"
    somebody.request("PATCH", "/me", {"firstName": "A"})
    somebody.request("POST", "/me/password",
                     {"currentPassword": "wrong", "password": secret, "passwordConfirm": secret})
    admin.request("PATCH", path_of(somebody), {"firstName": "B"})
    admin.request("DELETE", path_of(somebody))
    events = [event for event in all_pages(admin, f"/audit?user={user_id}", "events", 2)
              if event["action"] not in ("signup", "login")]
    told = [(event["action"], event["outcome"], event["actor"]) for event in events]
    assert sorted(told) == sorted([
        ("profile-change", "done", user_id), ("password-change", "refused", user_id),
        ("user-change", "done", admin_id), ("user-delete", "done", admin_id)])
    assert {event["target"] for event in events} == {user_id}
    assert {event["source"] for event in events} == {"127.0.0.1"}
    dates = [event["date"] for event in events]
    assert dates == sorted(dates, reverse=True)
    everything = admin.request("GET", "/audit?limit=200").body.decode()
    assert not any(word in everything for word in (secret, PASSWORD, "argon2", "eyJ"))


# --- The last admin. ---

def active_admins(product):
    """Asked as an admin who is left."""
    for name in ("admin", "second"):
        answer = client.request(product.url, "POST", "/login",
                                {"username": name, "password": ADMIN[1]})
        if answer.status == 200 and answer.json["data"]["user"]["role"] == "admin":
            left = client.LoggedIn(product.url, name, ADMIN[1])
            return all_pages(left, "/users?role=admin&active=true", "users", 200)
    return []


def test_last_admin_stays_however_it_is_tried(start_product):
    product = start_product()
    admin = client.LoggedIn(product.url, *ADMIN)
    path = path_of(admin)
    assert problem(admin.request("PATCH", path, {"role": "player"})) == (409, "last-admin")
    assert problem(admin.request("PATCH", path, {"active": False})) == (409, "last-admin")
    assert problem(admin.request("DELETE", path)) == (409, "last-admin")
    assert problem(admin.request("DELETE", "/me")) == (409, "last-admin")
    assert user_in(admin.request("GET", "/me")) == admin.user


def test_of_two_admins_who_demote_each_other_one_is_left(start_product):
    product = start_product()
    one = client.LoggedIn(product.url, *ADMIN)
    second = client.new_user() | {"username": "second", "role": "admin", "password": ADMIN[1],
                                  "passwordConfirm": ADMIN[1]}
    user_in(one.request("POST", "/users", second), 201)
    other = client.LoggedIn(product.url, "second", ADMIN[1])
    ways = [lambda who, whom: who.request("PATCH", path_of(whom), {"role": "player"}),
            lambda who, whom: who.request("PATCH", path_of(whom), {"active": False}),
            lambda who, whom: who.request("DELETE", path_of(whom)),
            lambda who, whom: who.request("DELETE", "/me")]
    tries = [(ways[i // 2 % 4], (one, other)[i % 2], (other, one)[i // 8 % 2]) for i in range(50)]

    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        statuses = set(pool.map(lambda way: way[0](way[1], way[2]).status, tries))
    assert statuses <= {200, 204, 401, 403, 404, 409, 503}
    assert len(active_admins(product)) == 1


# --- The first admin. ---

def test_two_replicas_make_one_first_admin(start_product):
    product = start_product()
    replica = product.add(product.make_user_svc("user-svc-2"))
    replica.await_ready()
    assert len(active_admins(product)) == 1


def test_two_replicas_that_start_at_once_make_one_first_admin(tmp_path):
    product = Product(tmp_path / "product")
    replicas = [product.make_user_svc(name) for name in ("user-svc-1", "user-svc-2")]
    try:
        for replica in replicas:
            product.add(replica)
        for replica in replicas:
            replica.await_ready()
        product.url = replicas[0].url
        assert len(active_admins(product)) == 1
    finally:
        product.stop()
    product.assert_clean_logs()


def start_and_end(product):
    """-> (its exit code, its log), of a user-svc that refuses to start."""
    replica = product.add(product.make_user_svc("user-svc-refused"))
    poll(lambda: not replica.alive, "user-svc to refuse")
    return replica.child.returncode, replica.log_tail()


def test_name_of_a_player_makes_no_admin(tmp_path):
    nobody = {"ADMIN_USERNAME": "", "ADMIN_EMAIL": "", "ADMIN_PASSWORD": ""}
    product = Product(tmp_path / "product", user=nobody)
    try:
        first = product.add(product.make_user_svc("user-svc-1"))
        first.await_ready()
        assert "there is no admin" in first.log_tail()
        player = client.Client(first.url).user
        first.terminate()
        product.user_settings = {"ADMIN_USERNAME": player["username"].upper()}
        code, log = start_and_end(product)
        assert code == 2
        assert "ADMIN_USERNAME: this name belongs to a user who is no active admin" in log
    finally:
        product.stop()


def test_half_given_settings_are_refused_before_the_start(tmp_path):
    product = Product(tmp_path / "product", user={"ADMIN_EMAIL": ""})
    service = product.make_user_svc()
    done = subprocess.run([BIN / "user-svc", "--check-config"], env=service.environment, check=False,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "ADMIN_USERNAME, ADMIN_EMAIL, ADMIN_PASSWORD: give all three or none" in (
        done.stdout + done.stderr)
    assert "nine-brown-ladders" not in done.stdout + done.stderr
