from django.urls import path

from . import views

urlpatterns = [
    path("cases/new/", views.lodge, name="lodge"),
]
