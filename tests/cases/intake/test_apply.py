"""A form that is sent twice, by a double click or a second try on a bad line, is one application."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from jiedian.cases.case.models.case import Case
from jiedian.cases.intake.services.intake import apply
from tests.cast import CUSTOMER, application, moment

AT = moment("2025-09-15 09:00")
FORM = {
    "declared_class": "LV0",
    "capacity_kva": "50",
    "name": "柳泉路生鲜超市",
    "phone": "13812345678",
    "address": "柳泉路 1 号",
    "area": "east",
}


@pytest.mark.django_db
def test_a_form_sent_twice_is_one_case_and_a_new_form_another() -> None:
    client = Client()
    pages = [client.get(reverse("apply")) for _ in range(2)]
    keys = [page.context["form"]["once"].value() for page in pages]
    assert str(keys[0]) in pages[0].content.decode() and 'for="id_once"' not in pages[0].content.decode()
    assert keys[0] != keys[1]
    sent = [client.post(reverse("apply"), FORM | {"once": keys[0]})["Location"] for _ in range(2)]
    other = client.post(reverse("apply"), FORM | {"once": keys[1], "again": sent[0].split("/")[2]})[
        "Location"
    ]
    assert sent[0] == sent[1] != other and Case.objects.count() == 2
    Client().post(reverse("apply"), FORM)
    assert Case.objects.count() == 3, "a form without a key is taken in"
    assert client.post(reverse("apply"), FORM | {"once": "x"}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_both_get_the_same_case(company: None) -> None:
    wanted, gate, numbers = application("RES", once=str(uuid4())), Barrier(3), list[str]()

    def send() -> None:
        gate.wait()
        numbers.append(apply(wanted, actor=CUSTOMER, at=AT).number)
        connection.close()

    threads = [Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 3 and len(set(numbers)) == 1 and Case.objects.count() == 1
