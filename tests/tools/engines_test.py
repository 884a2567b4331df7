import pytest

import engines


@pytest.mark.parametrize("uri, with_database, through", [
    ("mongodb://h:1", "mongodb://h:1/d", "mongodb://127.0.0.1:9/d?directConnection=true"),
    ("mongodb://u:p@h:1,i:2/?replicaSet=rs0", "mongodb://u:p@h:1,i:2/d?replicaSet=rs0",
     "mongodb://u:p@127.0.0.1:9/d?directConnection=true"),
])
def test_uris(uri, with_database, through):
    assert engines.uri_with_database(uri, "d") == with_database
    assert engines.uri_through("127.0.0.1:9", with_database) == through
