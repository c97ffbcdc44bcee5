from django.urls import path

from .views import cases, screens, verbs

urlpatterns = [
    path("today/sheet/", cases.today_sheet, name="today_sheet"),
    path("today/gantt/", cases.today_gantt, name="today_gantt"),
    path("cases/", cases.cases, name="cases"),
    path("cases/bulk/", cases.bulk, name="bulk"),
    path("cases/<str:number>/papers/<int:paper_id>/", verbs.paper, name="paper"),
    path("cases/<str:number>/do/<str:name>/", verbs.verb, name="verb"),
    path("replies/<str:kind>/<int:item_id>/", verbs.reply, name="reply"),
    path("cases/<str:number>/", screens.case, name="case"),
    path("cases/<str:number>/steps/<int:step_id>/", screens.step, name="step"),
    path("cases/<str:number>/steps/<int:step_id>/undo/", screens.undo_step, name="undo_step"),
    path("cases/<str:number>/files/<str:kind>/<int:item_id>/", screens.file, name="file"),
]
