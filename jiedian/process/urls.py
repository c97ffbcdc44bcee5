from django.urls import path

from . import views

urlpatterns = [
    path("process/", views.processes, name="processes"),
    path("process/<str:key>/<int:version>/", views.process, name="process"),
    path("process/<str:key>/<int:version>/file.bpmn", views.process_file, name="process_file"),
    path("process/<str:key>/<int:version>/tokens.json", views.process_tokens, name="process_tokens"),
]
