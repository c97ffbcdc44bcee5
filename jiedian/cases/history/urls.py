from django.urls import path

from . import views

urlpatterns = [
    path("history/", views.history, name="history"),
    path("history/new/", views.history_new, name="history_new"),
    path("history/<int:batch_id>/", views.history_batch, name="history_batch"),
    path("history/<int:batch_id>/findings.csv", views.history_findings, name="history_findings"),
    path("history/<int:batch_id>/<str:act>/", views.history_act, name="history_act"),
]
