from django.urls import path

from .views import hooks, intake, public

urlpatterns = [
    path("say/", public.say, name="say"),
    path("say/<uuid:key>/", public.receipt_page, name="said"),
    path("kiosk/", public.kiosk, name="kiosk"),
    path("hooks/wechat/callback/", hooks.wechat, name="wechat"),
    path("hooks/<slug:channel>/", hooks.hook, name="hook"),
    path("api/v1/tellings", hooks.tellings, name="api_tellings"),
    path("api/v1/tellings/<uuid:key>", hooks.telling, name="api_telling"),
    path("voice/new/", intake.key_in, name="key_in"),
    path("voice/tickets/", intake.batches, name="batches"),
    path("voice/tickets/<int:batch_id>/undo/", intake.batch_undo, name="batch_undo"),
    path("voice/scans/", intake.scans, name="scans"),
    path("voice/scans/<int:scan_id>/", intake.scan, name="scan"),
]
