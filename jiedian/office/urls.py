from django.urls import path

from .views import cases, history, lists, screens, verbs

urlpatterns = [
    path("today/", lists.today, name="today"),
    path("today/sheet/", cases.today_sheet, name="today_sheet"),
    path("today/gantt/", cases.today_gantt, name="today_gantt"),
    path("desk/", lists.desk, name="desk"),
    path("department/", lists.department, name="department"),
    path("limits/", lists.limits_page, name="limits"),
    path("cases/", cases.cases, name="cases"),
    path("cases/bulk/", cases.bulk, name="bulk"),
    path("cases/new/", lists.lodge, name="lodge"),
    path("cases/<str:number>/", screens.case, name="case"),
    path("cases/<str:number>/steps/<int:step_id>/", screens.step, name="step"),
    path("cases/<str:number>/papers/<int:paper_id>/", verbs.paper, name="paper"),
    path("cases/<str:number>/files/<str:kind>/<int:item_id>/", screens.file, name="file"),
    path("cases/<str:number>/do/<str:name>/", verbs.verb, name="verb"),
    path("replies/<str:kind>/<int:item_id>/", verbs.reply, name="reply"),
    path("history/", history.history, name="history"),
    path("history/new/", history.history_new, name="history_new"),
    path("history/<int:batch_id>/", history.history_batch, name="history_batch"),
    path("history/<int:batch_id>/findings.csv", history.history_findings, name="history_findings"),
    path("history/<int:batch_id>/<str:act>/", history.history_act, name="history_act"),
    path("process/", screens.processes, name="processes"),
    path("process/<str:key>/<int:version>/", screens.process, name="process"),
    path("process/<str:key>/<int:version>/file.bpmn", screens.process_file, name="process_file"),
    path("process/<str:key>/<int:version>/tokens.json", screens.process_tokens, name="process_tokens"),
]
