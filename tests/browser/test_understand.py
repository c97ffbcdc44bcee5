"""In a real browser: a person corrects a guess, and finds out why something rose."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from jiedian.ground.journal.services import SYSTEM
from jiedian.supply.study.services import locate
from jiedian.voice.classify.models import Label
from jiedian.voice.classify.services import classification, versions
from jiedian.voice.hotspots.models import HotSpot
from jiedian.voice.inbox.models.concerns import Concern
from tests.browser.test_journeys import fits, is_zh, sign_in
from tests.cast import lodge, moment, tell
from tests.core.town import LAT, LON, STEP
from tests.supply.town import found_town
from tests.voice.classify.test_classify_tellings import small_figures

pytestmark = pytest.mark.django_db(transaction=True)
AT = moment("2025-09-17 16:00")


def test_a_guess_is_corrected_and_a_rise_is_looked_into(
    seen: Page, set_time: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_time("2025-09-17 16:00")
    monkeypatch.setattr(versions, "_measured", lambda wanted: small_figures(0.85))
    versions.train_first(at=AT)
    texts = ["又停电了，冰柜里的货全化了", "一刮风就跳闸没电", "半夜又停电", "停电也不提前通知"]
    found_town(moment("2025-09-01 08:00"))
    case = lodge("LV0")
    locate(case, {"pin": (LON + 2 * STEP, LAT + 2 * STEP)}, actor=SYSTEM, at=AT)
    for day, words in enumerate([*texts, *texts]):
        telling, _ = tell(f"{words}{day}", external_id=f"r{day}", place="东城柳泉路", sender="")
        Concern.objects.filter(pk=telling.concern_id).update(
            opened_at=AT - timedelta(hours=day), place="东城柳泉路", case=case
        )
    classification.classify_waiting()

    sign_in(seen, "quality")
    seen.goto("/voice/classifier/")
    fits(seen)
    expect(seen.locator("svg.chart").first).to_be_visible()
    seen.goto(f"/voice/tellings/{telling.pk}/label/")
    fits(seen)
    seen.select_option("#step", "operate")
    seen.locator("main button.go").click()
    expect(seen.locator("p.note")).to_be_visible()
    assert Label.objects.get().step == "operate"

    seen.goto("/voice/hotspots/")
    fits(seen)
    expect(seen.locator("aside table")).to_contain_text(
        "图上 8 件" if is_zh(seen) else "8 in all, 8 on the map"
    )
    seen.locator("svg.netmap a", has=seen.locator("use[href='#m-hot']")).first.click()
    expect(seen.locator("h1")).to_contain_text("东城" if is_zh(seen) else "East")
    seen.goto("/voice/hotspots/")
    seen.locator("main table a").first.click()
    fits(seen)
    seen.locator("input[name=cause]").first.check()
    seen.fill("#words", "雷雨后线路跳闸，已巡线")
    seen.locator("main button.go").click()
    expect(seen.locator("p.note")).to_be_visible()
    assert HotSpot.objects.get().cause_branch == "step"
