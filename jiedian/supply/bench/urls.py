from django.urls import path

from . import views

urlpatterns = [path("plans/<str:number>/search/", views.search_wider, name="search_wider")]
