from django.urls import path

from . import views

urlpatterns = [
    path("ui/", views.ui, name="ui"),
    path("filters/", views.filter_keep, name="filter_keep"),
    path("filters/<int:filter_id>/drop/", views.filter_drop, name="filter_drop"),
]
