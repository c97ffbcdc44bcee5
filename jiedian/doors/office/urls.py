from django.urls import path

from .views import day, finding

urlpatterns = [
    path("today/", day.today, name="today"),
    path("desk/", day.desk, name="desk"),
    path("department/", day.department, name="department"),
    path("search/", finding.search, name="search"),
    path("news/", finding.news, name="news"),
    path("news/seen/", finding.news_seen, name="news_seen"),
    path("help/", finding.help_page, name="help"),
    path("tour/", finding.tour, name="tour"),
]
