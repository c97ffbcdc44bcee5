from django.urls import path

from . import views

urlpatterns = [
    path("files/<int:import_id>/", views.file_import, name="file_import"),
    path("files/<int:import_id>/findings.csv", views.file_findings, name="file_findings"),
    path("files/<int:import_id>/<str:act>/", views.file_act, name="file_act"),
]
