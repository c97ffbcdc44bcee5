from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("apply/", views.apply, name="apply"),
    path("track/", views.track, name="track"),
    path("track/<str:number>/", views.tracker, name="tracker"),
    path("track/<str:number>/correct/", views.correct, name="correct"),
    path("track/<str:number>/code/", views.code, name="code"),
    path("track/<str:number>/papers/<int:paper_id>/", views.hand_in, name="hand_in"),
    path("track/<str:number>/notices/<int:notice_id>/", views.notice, name="notice"),
    path("track/<str:number>/schemes/<int:reply_id>/", views.scheme_form, name="scheme_form"),
    path("track/<str:number>/do/<str:verb>/", views.act, name="act"),
]
