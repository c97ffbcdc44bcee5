from django.urls import path

from . import views

urlpatterns = [
    path("visits/", views.visits, name="visits"),
    path("visits/new/", views.visit_plan_new, name="visit_plan_new"),
    path("visits/mine/", views.visits_mine, name="visits_mine"),
    path("visits/mine/<uuid:uid>/", views.visit_submit, name="visit_submit"),
    path("visits/mine/<uuid:uid>/photo/", views.visit_photo_new, name="visit_photo_new"),
    path("visits/worker.js", views.visits_worker, name="visits_worker"),
    path("visits/<int:plan_id>/", views.visit_plan, name="visit_plan"),
    path("visits/<int:plan_id>/reveal/", views.visit_reveal, name="visit_reveal"),
    path("visits/<int:plan_id>/<uuid:uid>/", views.visit_review, name="visit_review"),
    path("visits/<int:plan_id>/<uuid:uid>/<int:photo_id>/", views.visit_photo, name="visit_photo"),
]
