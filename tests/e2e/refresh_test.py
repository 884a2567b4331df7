"""Sessions go on by refresh tokens, each of which counts once, however many ask at one time."""
import collections

import client
from at_once import post_request, send_at_once
from user_store_reader import open_user_store

COUNT = 100


def refresh(product, token):
    return client.request(product.url, "POST", "/refresh", {"refreshToken": token})


def test_a_hundred_refreshes_of_one_token_have_one_child(start_product):
    product = start_product()
    somebody = product.new_client()
    request = post_request("/refresh", {"refreshToken": somebody.refresh_token})

    answers = send_at_once(product.url, [request] * COUNT)
    assert collections.Counter(status for status, _, _ in answers) == {200: COUNT}
    child, = {body["refreshToken"] for _, _, body in answers}
    tokens = {body["token"] for _, _, body in answers}
    for token in tokens:
        bearer = {"Authorization": f"Bearer {token}"}
        assert client.request(product.url, "GET", "/me", headers=bearer).status == 200

    assert refresh(product, child).status == 200
    assert len(open_user_store(product.store_uris["user"]).sessions()) == 1


def test_refreshes_of_a_family_at_once_keep_to_one_line(start_product):
    """Parents, within their grace, and the youngest, all at once: nobody forks the session."""
    product = start_product()
    family = [product.new_client().refresh_token]
    for _ in range(2):
        family.append(refresh(product, family[-1]).json["refreshToken"])
    requests = [post_request("/refresh", {"refreshToken": token}) for token in family[1:]] * 25

    answers = send_at_once(product.url, requests)
    children = {body["refreshToken"] for status, _, body in answers if status == 200}
    assert {status for status, _, _ in answers} == {200}
    assert len(children) == 2 and family[2] in children
