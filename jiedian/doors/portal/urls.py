from django.urls import path

from .views import acts, corrections, places
from .views import pages as views

urlpatterns = [
    path("", views.home, name="home"),
    path("apply/", views.apply, name="apply"),
    path("apply/here/", places.here, name="apply_here"),
    path("track/", views.track, name="track"),
    path("track/lost/", views.find_number, name="find_number"),
    path("track/mine/", views.mine, name="mine"),
    path("track/<str:number>/", views.tracker, name="tracker"),
    path("track/<str:number>/correct/", corrections.correct, name="correct"),
    path("track/<str:number>/code/", views.code, name="code"),
    path("track/<str:number>/receipt/", views.receipt, name="receipt"),
    path("track/<str:number>/papers/<int:paper_id>/", views.hand_in, name="hand_in"),
    path("track/<str:number>/papers/<slug:paper>/early/", acts.hand_in_early, name="hand_in_early"),
    path("track/<str:number>/notices/<int:notice_id>/", views.notice, name="notice"),
    path("track/<str:number>/schemes/<int:reply_id>/", views.scheme_form, name="scheme_form"),
    path("track/<str:number>/steps/<int:step_id>/", acts.customer_step, name="customer_step"),
    path("track/<str:number>/steps/<int:step_id>/time/", acts.choose_time, name="choose_time"),
    path("track/<str:number>/files/<str:kind>/<int:file_id>/", acts.own_file, name="own_file"),
    path("track/<str:number>/do/<str:verb>/", views.act, name="act"),
]
