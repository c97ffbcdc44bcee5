from django.urls import path

from . import views

urlpatterns = [
    path("links/", views.links, name="links"),
    path("links/texts/", views.message_texts, name="message_texts"),
    path("links/texts/<slug:template>/", views.message_wording, name="message_wording"),
    path("links/<int:outbox_id>/replay/", views.replay_letter, name="replay_letter"),
]
