from django.urls import path

from .views import concerns, inbox

urlpatterns = [
    path("voice/", inbox.inbox, name="inbox"),
    path("voice/bulk/", inbox.bulk, name="inbox_bulk"),
    path("voice/answers/", concerns.answers, name="answers"),
    path("voice/answers/<slug:channel>/export/", concerns.export_answers, name="export_answers"),
    path("voice/deliveries/<int:delivery_id>/letter.pdf", concerns.answer_letter, name="answer_letter"),
    path("voice/deliveries/<int:delivery_id>/done/", concerns.delivered, name="delivered"),
    path("voice/proposals/<int:proposal_id>/<slug:verb>/", concerns.decide, name="decide"),
    path("voice/files/<uuid:upload_id>/", concerns.file, name="voice_file"),
    path("voice/concerns/<str:number>/", concerns.concern, name="concern"),
    path("voice/concerns/<str:number>/do/<slug:verb>/", concerns.act, name="concern_act"),
]
