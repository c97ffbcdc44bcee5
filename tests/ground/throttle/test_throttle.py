"""One asker is counted once a time by all processes; behind a proxy it is the asker that counts, and nobody writes himself another address."""

import threading
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from jiedian.core.findings import Refused
from jiedian.ground.throttle.calc.address import asker, networks
from jiedian.ground.throttle.jobs import sweep_tallies
from jiedian.ground.throttle.models import CacheRow, Tally
from jiedian.ground.throttle.queries import asker_of
from jiedian.ground.throttle.services import Limit, count_in, sweep
from jiedian.people.models import User
from tests.cast import moment, staff

AT = moment("2025-09-15 09:00")
MINUTE = timedelta(minutes=1)
FEW = Limit("place.many", 3, MINUTE)
PROXIES = networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


def asked(who: str, seconds: float, limit: Limit = FEW) -> bool:
    try:
        count_in(limit, who, at=AT + timedelta(seconds=seconds))
    except Refused:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_who_ask_at_once_are_counted_one_by_one() -> None:
    answers: list[bool] = []

    def ask() -> None:
        try:
            answers.extend(asked("203.0.113.9", 0, Limit("place.many", 10, MINUTE)) for _n in range(5))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) == 10 and Tally.objects.get().asked == 30


@pytest.mark.django_db
def test_a_window_ends_for_each_by_himself_and_the_refusal_says_when() -> None:
    assert [asked("a", n) for n in (0, 1, 2, 40)] == [True, True, True, False]
    assert asked("b", 40) and asked("a", 40, Limit("telling.flood", 3, MINUTE))
    with pytest.raises(Refused) as refusal:
        count_in(FEW, "a", at=AT + timedelta(seconds=41.5))
    assert refusal.value.findings[0].facts == {"again": "09:01", "seconds": 19}
    assert asked("a", 60), "a new minute"
    assert not Tally.objects.filter(key__contains="a:").exists(), "no row tells an address"


@pytest.mark.django_db
def test_rows_that_count_for_nothing_are_swept() -> None:
    asked("a", 0), asked("b", 50)
    CacheRow.objects.create(cache_key="old", value="", expires=AT)
    assert sweep(at=AT + MINUTE) == 2 and Tally.objects.count() == 1
    sweep_tallies(int((AT + 2 * MINUTE).timestamp()))
    assert not Tally.objects.exists()


WORD = st.text(alphabet='0123456789abcdef.:[]% ,"unkow', max_size=40)
NUMBER = st.integers(0, 2**32 - 1)
ADDRESS = st.one_of(
    NUMBER.map(IPv4Address).map(str), NUMBER.map(lambda n: f"2001:db8:{n % 9}::{n:x}"[:24]), WORD
)


@given(ADDRESS, st.lists(ADDRESS, max_size=4), NUMBER.map(IPv4Address).map(str))
def test_nothing_written_before_the_last_stranger_changes_the_asker(
    remote: str, claimed: list[str], stranger: str
) -> None:
    honest = asker(stranger, "", ())
    assert asker(stranger, ",".join(claimed), ()) == honest, "without trusted proxies the header is air"
    asker(remote, ",".join(claimed), PROXIES)
    if honest.startswith(("10.", "127.")):
        return
    behind = ",".join([*claimed, stranger, "10.1.2.3"])
    assert asker("127.0.0.1", behind, PROXIES) == honest


@given(st.integers(0, 2**64 - 1))
def test_a_home_with_ipv6_is_one_asker(number: int) -> None:
    address = str(IPv6Address((0x20010DB800010002 << 64) + number))
    assert asker(address, "", PROXIES) == "2001:db8:1:2::/64"
    assert asker("127.0.0.1", f"[{address}]:443", PROXIES) == "2001:db8:1:2::/64"


def test_the_setting_names_the_proxies(settings: Any) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert asker_of(request) == "127.0.0.1"
    settings.TRUSTED_PROXIES = PROXIES
    assert asker_of(request) == "203.0.113.9"
    with pytest.raises(ValueError, match="10.0.0.300"):
        networks(["10.0.0.300"])


@pytest.mark.django_db
def test_wrong_passwords_are_counted_by_asker_in_the_database_and_say_when_to_come_back(
    settings: Any,
) -> None:
    settings.TRUSTED_PROXIES = PROXIES
    user: User = staff("clerk")
    user.set_password("a right long password")
    user.save()

    def sign_in(password: str, asker: str) -> Any:
        typed = {"login": user.username, "password": password}
        return Client().post("/account/login/", typed, HTTP_X_FORWARDED_FOR=asker)

    for _n in range(5):
        assert sign_in("wrong", "203.0.113.9").status_code == 200
    refused = sign_in("a right long password", "203.0.113.10").content.decode()
    assert "5 分钟后" in refused and "系统管理员" in refused
    assert CacheRow.objects.filter(cache_key__contains="203.0.113.9").exists()
    many = [
        Client().post(
            "/account/login/", {"login": f"x{n}", "password": "x"}, HTTP_X_FORWARDED_FOR="198.51.100.1"
        )
        for n in range(31)
    ]
    assert many[-1].status_code == 429 and "请稍等再试" in many[-1].content.decode()
