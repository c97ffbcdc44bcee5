from django.urls import path

from .views import lists, public

urlpatterns = [
    path("grid/reservations/", lists.reservations, name="grid_reservations"),
    path("grid/publications/", lists.publications, name="grid_publications"),
    path("capacity/", public.capacity, name="capacity"),
    path("capacity.csv", public.capacity_csv, name="capacity_csv"),
    path("capacity.geojson", public.capacity_geojson, name="capacity_geojson"),
    path("api/v1/capacity", public.capacity_api, name="capacity_api"),
]
