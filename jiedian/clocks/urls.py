from django.urls import path

from . import views

urlpatterns = [
    path("limits/", views.limits_page, name="limits"),
]
