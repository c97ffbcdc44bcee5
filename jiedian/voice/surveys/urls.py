from django.urls import path

from .views import questionnaires, surveys

urlpatterns = [
    path("s/<str:token>/", questionnaires.answer, name="survey_answer"),
    path("surveys/", surveys.desk, name="surveys"),
    path("surveys/import/", surveys.take_in, name="survey_import"),
    path("surveys/kiosk/", surveys.kiosk, name="survey_kiosk"),
    path("surveys/files/<int:file_id>/undo/", surveys.undo, name="survey_undo"),
    path("surveys/invitations/<int:invitation_id>/", questionnaires.key_in, name="survey_key_in"),
    path("surveys/<str:key>/", surveys.questionnaire, name="survey"),
    path("surveys/<str:key>/beliefs/", questionnaires.beliefs, name="survey_beliefs"),
    path("surveys/<str:key>/answers.<str:kind>", surveys.export, name="survey_export"),
]
