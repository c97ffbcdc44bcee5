from django.urls import path

from .views import files, lists, public

urlpatterns = [
    path("grid/reservations/", lists.reservations, name="grid_reservations"),
    path("grid/reservations/<int:reservation_id>/<slug:name>/", lists.mark_drawn, name="grid_drawn"),
    path("grid/publications/", lists.publications, name="grid_publications"),
    path("capacity/", public.capacity, name="capacity"),
    path("capacity/data/", public.dataset, name="capacity_data"),
    path("capacity.csv", files.capacity_csv, name="capacity_csv"),
    path("capacity.xlsx", files.capacity_xlsx, name="capacity_xlsx"),
    path("capacity.geojson", files.capacity_geojson, name="capacity_geojson"),
    path("api/v1/capacity", files.capacity_api, name="capacity_api"),
    path("api/v1/capacity/issues", files.capacity_issues, name="capacity_issues"),
    path("api/v1/openapi.json", files.openapi_json, name="openapi"),
]
