from django.urls import path

from . import views

urlpatterns = [
    path("voice/classifier/", views.classifier, name="classifier"),
    path("voice/classifier/train/", views.train, name="classifier_train"),
    path("voice/classifier/<int:number>/<slug:verb>/", views.decide, name="classifier_decide"),
    path("voice/tellings/<int:telling_id>/label/", views.label, name="label"),
]
