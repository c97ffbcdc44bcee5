from django.urls import path

from . import views

urlpatterns = [
    path("plans/", views.schemes, name="schemes"),
    path("plans/measured/", views.measured, name="measured"),
    path("plans/<str:number>/", views.scheme, name="scheme"),
    path("plans/<str:number>/site/", views.site, name="site"),
    path("plans/<str:number>/choose/<int:step_id>/", views.choose, name="choose"),
    path("plans/<str:number>/replies/<int:reply_id>/", views.reply_file, name="scheme_reply"),
    path("plans/<str:number>/extend/<int:scheme_id>/", views.extension, name="scheme_extend"),
    path("plans/<str:number>/measure/<int:scheme_id>/", views.measure_one, name="scheme_measure"),
]
