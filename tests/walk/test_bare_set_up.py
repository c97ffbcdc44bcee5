"""Given nothing but the files of a clone, when setup and demo are run, then a city lives with a grid, automatic schemes and a map.

The clone lies in a home that only its owner may enter, as root's home does on Debian.
"""

import json
import os
import subprocess
import urllib.request

import psycopg
import pytest

from .city import City, bare_environment

pytestmark = pytest.mark.skipif("JIEDIAN_WALK_URL" in os.environ, reason="a demo that runs is walked through")
COUNTS = {
    "grids": "SELECT count(*) FROM network_grid",
    "grids of the city": "SELECT count(*) FROM network_grid WHERE is_city",
    "accounts at a node": "SELECT count(*) FROM network_account WHERE node_id IS NOT NULL",
    "automatic schemes": "SELECT count(*) FROM scheme_scheme WHERE is_automatic",
    "schemes composed by people": "SELECT count(*) FROM scheme_scheme WHERE NOT is_automatic",
    "published limits": "SELECT count(*) FROM publication_published",
}


def ask(city: City, path: str) -> str:
    with urllib.request.urlopen(f"{city.url}{path}", timeout=60) as answer:
        return str(answer.read().decode())


def test_nothing_of_the_tests_is_installed(city: City) -> None:
    python = city.checkout / ".venv/bin/python"
    listed = subprocess.run([python, "-m", "pip", "list", "--format", "json"], capture_output=True, text=True)
    names = {package["name"].lower() for package in json.loads(listed.stdout)}
    assert "simbench" in names and not names & {"pytest", "mypy", "pyspark"}


def test_the_city_has_a_grid_neighbours_and_automatic_schemes(city: City) -> None:
    assert "not installed" not in city.said and "Traceback" not in city.said
    env = json.loads((city.run / "environment.json").read_text())
    with psycopg.connect(env["DATABASE_URL"]) as database:
        counts = {name: database.execute(query).fetchone()[0] for name, query in COUNTS.items()}  # type: ignore[index]
    assert counts["grids"] == 3 and counts["grids of the city"] == 1, counts
    assert all(counts.values()), counts


def test_the_public_map_has_points(city: City) -> None:
    features = json.loads(ask(city, "capacity.geojson"))["features"]
    assert len(features) > 100 and {f["geometry"]["type"] for f in features if f["geometry"]}
    assert "<svg" in ask(city, "capacity/")


def test_the_command_finds_the_city_and_its_journal_is_whole(city: City) -> None:
    command = [city.checkout / ".venv/bin/jiedian", "verify-journal"]
    done = subprocess.run(command, cwd=city.checkout, env=bare_environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
