"""The small pages of the shell itself, and those where nothing was done: not found, not allowed, failed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST

from jiedian.core.reference import reference

from .kit.specimens import specimens
from .services import drop_filter, keep_filter
from .shell import page


@require_POST
@page("signed_in")
def filter_keep(request: HttpRequest) -> HttpResponse:
    """Keep the search of a list under a name."""
    given = {name: request.POST.get(name, "") for name in ("page", "name", "query")}
    saved = keep_filter(user_id=request.user.pk or 0, **given)
    return redirect(f"{reverse(saved.page)}?{saved.query}")


@require_POST
@page("signed_in")
def filter_drop(request: HttpRequest, filter_id: int) -> HttpResponse:
    """Drop one of one's own filters."""
    return redirect(drop_filter(user_id=request.user.pk or 0, filter_id=filter_id))


@page("process.view")
def ui(request: HttpRequest) -> HttpResponse:
    """The sheet of parts: everything a page is built of, as it looks."""
    return render(request, "shell/ui.html", specimens())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: there is no such page."""
    return _undone(
        request, gettext("没有这个页面"), gettext("地址可能写错了，或者它已经被移走。"), status=404
    )


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: this is not for the reader."""
    return _undone(request, gettext("这里不对您开放"), gettext("没有任何内容被改动。"), status=403)


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that no page of ours makes."""
    return _undone(request, gettext("看不懂这个请求"), gettext("没有任何内容被改动。"), status=400)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that was open too long, in another window, or without cookies."""
    why = gettext("页面开得太久，或浏览器没有保留 Cookie。请退回上一页，刷新后再交；填写的内容先复制下来。")
    return _undone(request, gettext("没有提交成功"), why, status=403)


def forms_only(request: HttpRequest) -> HttpResponse:
    """405: an address that takes forms was opened as a page, by its link or by going back."""
    why = gettext("这个地址只接收填好的表单，没有页面可看。请退回上一页，或从我的页面重新进入。")
    return _undone(request, gettext("这里没有页面"), why, status=405)


def too_often(request: HttpRequest) -> HttpResponse:
    """429: the library of the sign-in has counted too many tries of one address or account."""
    why = gettext("试得太密了，没有做任何事。请 5 分钟后再试；急用请找系统管理员。")
    return _undone(request, gettext("请稍等再试"), why, status=429)


def failed(request: HttpRequest) -> HttpResponse:
    """500: we failed. Nothing is asked of the database here, it may be what failed."""
    told = {"reference": reference(), "language": get_language() or "zh-hans"}
    return HttpResponse(render_to_string("500.html", told), status=500)


def _undone(request: HttpRequest, title: str, why: str, *, status: int) -> HttpResponse:
    told = {"title": title, "why": why, "reference": reference()}
    return render(request, "shell/undone.html", told, status=status)
