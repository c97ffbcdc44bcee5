from django.urls import path

from .views import attenuation, burden, concerns, hooks, inbox, intake, public

urlpatterns = [
    path("attenuation/", attenuation.attenuation, name="attenuation"),
    path("attenuation/send/", attenuation.attenuation_send, name="attenuation_send"),
    path("attenuation/sample/", attenuation.attenuation_sample, name="attenuation_sample"),
    path("attenuation/recode/", attenuation.recoding, name="recoding"),
    path("attenuation/import/", attenuation.attenuation_import, name="attenuation_import"),
    path("burden/", burden.burden_page, name="burden"),
    path("say/", public.say, name="say"),
    path("say/<uuid:key>/", public.said, name="said"),
    path("kiosk/", public.kiosk, name="kiosk"),
    path("hooks/wechat/callback/", hooks.wechat, name="wechat"),
    path("hooks/<slug:channel>/", hooks.hook, name="hook"),
    path("api/v1/tellings", hooks.tellings, name="api_tellings"),
    path("api/v1/tellings/<uuid:key>", hooks.telling, name="api_telling"),
    path("voice/", inbox.inbox, name="inbox"),
    path("voice/bulk/", inbox.bulk, name="inbox_bulk"),
    path("voice/new/", intake.key_in, name="key_in"),
    path("voice/tickets/", intake.batches, name="batches"),
    path("voice/tickets/<int:batch_id>/undo/", intake.batch_undo, name="batch_undo"),
    path("voice/scans/", intake.scans, name="scans"),
    path("voice/scans/<int:scan_id>/", intake.scan, name="scan"),
    path("voice/answers/", concerns.answers, name="answers"),
    path("voice/answers/<slug:channel>/export/", concerns.export_answers, name="export_answers"),
    path("voice/deliveries/<int:delivery_id>/letter.pdf", concerns.answer_letter, name="answer_letter"),
    path("voice/deliveries/<int:delivery_id>/done/", concerns.delivered, name="delivered"),
    path("voice/proposals/<int:proposal_id>/<slug:verb>/", concerns.decide, name="decide"),
    path("voice/files/<uuid:upload_id>/", concerns.file, name="voice_file"),
    path("voice/concerns/<str:number>/", concerns.concern, name="concern"),
    path("voice/concerns/<str:number>/do/<slug:verb>/", concerns.act, name="concern_act"),
]
