from django.urls import URLPattern, path

from .views import imports, lists, maps, public

urlpatterns: list[URLPattern] = [
    path("grid/", maps.grid_map, name="grid"),
    path("grid/devices/<int:device_id>/", maps.device, name="grid_device"),
    path("grid/imports/", imports.imports, name="grid_imports"),
    path("grid/imports/<int:import_id>/", imports.one_import, name="grid_import"),
    path("grid/imports/<int:import_id>/<slug:name>/", imports.import_verb, name="grid_import_verb"),
    path("grid/template.zip", imports.table_template, name="grid_template"),
    path("grid/sheets/<slug:code>/", imports.sheet, name="grid_sheet"),
    path("grid/reservations/", lists.reservations, name="grid_reservations"),
    path("grid/publications/", lists.publications, name="grid_publications"),
    path("capacity/", public.capacity, name="capacity"),
    path("capacity.csv", public.capacity_csv, name="capacity_csv"),
    path("capacity.geojson", public.capacity_geojson, name="capacity_geojson"),
    path("api/v1/capacity", public.capacity_api, name="capacity_api"),
]
