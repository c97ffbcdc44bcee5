from django.urls import path

from . import views

urlpatterns = [
    path("today/", views.today, name="today"),
    path("desk/", views.desk, name="desk"),
    path("department/", views.department, name="department"),
]
