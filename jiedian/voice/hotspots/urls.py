from django.urls import path

from . import views

urlpatterns = [
    path("voice/hotspots/", views.hotspots, name="hotspots"),
    path("voice/hotspots/cell/", views.hotspot, name="hotspot"),
]
