from django.urls import path

from . import views

urlpatterns = [
    path("grid/", views.grid_map, name="grid"),
    path("grid/devices/<int:device_id>/", views.device, name="grid_device"),
]
