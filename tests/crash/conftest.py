import pytest

from world import World


@pytest.fixture
def make_world(tmp_path):
    """make_world(settings): a World that is ended, and its log judged, after the test."""
    worlds = []

    def make(settings=None, **options):
        folder = tmp_path / f"world-{len(worlds)}"
        folder.mkdir()
        worlds.append(World(folder, settings, **options))
        return worlds[-1]

    yield make
    for world in worlds:
        world.stop()
        world.assert_clean_log()
