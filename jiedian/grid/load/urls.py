from django.urls import path

from . import views

urlpatterns = [
    path("grid/imports/", views.imports, name="grid_imports"),
    path("grid/imports/<int:import_id>/", views.one_import, name="grid_import"),
    path("grid/imports/<int:import_id>/<slug:name>/", views.import_verb, name="grid_import_verb"),
    path("grid/template.zip", views.table_template, name="grid_template"),
    path("grid/sheets/<int:grid_id>/", views.sheet, name="grid_sheet"),
]
