from django.urls import path

from . import views

urlpatterns = [
    path("gaps/", views.gaps, name="gaps"),
    path("gaps/cases/", views.cases, name="gap_cases"),
    path("gaps/answers/", views.behind, name="gap_answers"),
]
