from django.urls import path

from . import views

urlpatterns = [
    path("links/", views.links, name="links"),
    path("links/<int:outbox_id>/replay/", views.replay_letter, name="replay_letter"),
]
