"""The processes as drawn, with the cases that wait at each step."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from jiedian.shell.shell import page

from .models import Definition
from .queries import definitions, drawn_words, standings, token_counts


@page("process.view")
def processes(request: HttpRequest) -> HttpResponse:
    """Every process and version, with the cases on it."""
    return render(request, "process/processes.html", {"definitions": definitions()})


@page("process.view")
def process(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """The diagram that runs, with live tokens on it."""
    definition = _definition(key, version)
    context = {"definition": definition, "rows": standings(definition), "words": drawn_words()}
    return render(request, "process/process.html", context)


@page("process.view")
def process_file(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """The BPMN file as published; opens in any modeler."""
    definition = _definition(key, version)
    answer = HttpResponse(definition.xml, content_type="application/xml")
    answer["Content-Disposition"] = f'inline; filename="{key}-v{version}.bpmn"'
    return answer


@page("process.view")
def process_tokens(request: HttpRequest, key: str, version: int) -> JsonResponse:
    """Step code → how many cases wait there."""
    return JsonResponse(token_counts(_definition(key, version)))


def _definition(key: str, version: int) -> Definition:
    found = Definition.objects.filter(key=key, version=version).first()
    if found is None:
        raise Http404
    return found
