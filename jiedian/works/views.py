"""Door for the payment port, which tells of payments, signed; and the texts of contracts, for staff."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from jiedian.cases.screen.queries.cases import case_for
from jiedian.core.findings import Refused
from jiedian.ground.vault.queries import response
from jiedian.links.payment.mapping import is_signed, read
from jiedian.shell.shell import business_now, page

from .models import ContractText
from .services.payments import take_payment

LARGEST_BYTES = 20_000


@csrf_exempt
@page("public")
@require_POST
def payment_notice(request: HttpRequest) -> HttpResponse:
    """Take a payment the port tells of: signed, and once for its number. 202 also for the second telling."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BYTES:
        return JsonResponse({"error": "size"}, status=413)
    content = request.body
    if not is_signed(content, request.headers.get("X-Signature", ""), settings.PAYMENT_SECRET):
        return JsonResponse({"error": "signature"}, status=401)
    try:
        payment = take_payment(read(content), at=business_now())
    except Refused as refusal:
        return JsonResponse({"findings": refusal.words(get_language() or "en")}, status=422)
    return JsonResponse({"verdict": payment.verdict}, status=202)


@page("case.view")
def contract_text(request: HttpRequest, number: str, text_id: int) -> HttpResponseBase:
    """Text of a contract as it was frozen, also of a version that the customer did not agree to."""
    case = case_for(request.user, number)
    found = ContractText.objects.filter(contract__case=case, pk=text_id).select_related("upload").first()
    if found is None:
        raise Http404
    return response(found.upload)
